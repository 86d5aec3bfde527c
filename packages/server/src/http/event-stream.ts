/** Server-sent events: headers at once, comments while nothing happens, and an end. */

export type ServerEvent =
  /** Clients pass over it. */
  | { readonly comment: string }
  /** Without a name it is a plain message, as OpenAI's are. */
  | { readonly name?: string | undefined; readonly data: unknown };

/** Events that wait for who sends them. */
export class EventQueue implements AsyncIterable<ServerEvent> {
  readonly #events: ServerEvent[] = [];
  #isClosed = false;
  #wake: () => void = () => undefined;

  push(event: ServerEvent): void {
    if (!this.#isClosed) this.#events.push(event);
    this.#wake();
  }

  /** What was pushed is still sent. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event) yield event;
      else if (this.#isClosed) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // nginx would hold the events back.
  'x-accel-buffering': 'no',
};

/**
 * An answer of events, up to the end of the queue. Whenever nothing was sent for `beatMilliseconds` it has a comment, so that neither
 * client nor proxy gives up.
 */
export function eventStream(
  events: EventQueue,
  beatMilliseconds: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const encoder = new TextEncoder();
  const iterator = events[Symbol.asyncIterator]();
  const beat = setInterval(() => events.push({ comment: 'ping' }), beatMilliseconds);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) {
        clearInterval(beat);
        controller.close();
        return;
      }
      controller.enqueue(encoder.encode(eventText(next.value)));
      beat.refresh();
    },
    cancel() {
      clearInterval(beat);
      events.close();
    },
  });
  return new Response(body, { headers: { ...headers, ...HEADERS } });
}

function eventText(event: ServerEvent): string {
  if ('comment' in event) return `: ${event.comment}\n\n`;
  const name = event.name === undefined ? '' : `event: ${event.name}\n`;
  return `${name}data: ${JSON.stringify(event.data)}\n\n`;
}
