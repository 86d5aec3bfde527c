/** Server-sent events of an answer, as they come. */

export type PageEvent = { readonly comment: string } | { readonly data: Readonly<Record<string, unknown>> };

export async function* readEvents(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<PageEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield* eventsOf(block);
  }
}

function* eventsOf(block: string): Generator<PageEvent> {
  for (const line of block.split('\n')) {
    if (line.startsWith(':')) yield { comment: line.slice(1).trim() };
    else if (line.startsWith('data:'))
      yield { data: JSON.parse(line.slice(5)) as Readonly<Record<string, unknown>> };
  }
}
