/** Server-sent events, read as the standard has them. */

export interface ReadEvents {
  /** The data of each event, as JSON. */
  readonly data: readonly Readonly<Record<string, unknown>>[];
  /** The name of each; undefined where it has none. */
  readonly names: readonly (string | undefined)[];
  readonly comments: readonly string[];
}

/** All events of an answer, up to its end. */
export async function eventsOf(response: Response): Promise<ReadEvents> {
  const data: Readonly<Record<string, unknown>>[] = [];
  const names: (string | undefined)[] = [];
  const comments: string[] = [];
  for (const block of (await response.text()).split('\n\n').filter((text) => text !== '')) {
    let name: string | undefined;
    for (const line of block.split('\n')) {
      if (line.startsWith(': ')) comments.push(line.slice(2));
      else if (line.startsWith('event: ')) name = line.slice(7);
      else if (line.startsWith('data: ')) {
        data.push(JSON.parse(line.slice(6)) as Readonly<Record<string, unknown>>);
        names.push(name);
      } else throw new Error(`no line of an event: ${line}`);
    }
  }
  return { data, names, comments };
}
