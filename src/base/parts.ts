/** What comes before the end of some work, as an iterable. */

/** Takes a part, and what is called when the loop takes it. */
export type OnPart<Part = unknown> = (part: Part, taken?: () => void) => void;

/**
 * @param call begins the work, and ends when all parts were given to its argument.
 * @throws what the call rejects with, behind the parts that came before.
 */
export async function* partsOf<Part>(
  call: (onPart: OnPart<Part>) => Promise<unknown>,
): AsyncGenerator<Part, void, undefined> {
  const parts: { readonly part: Part; readonly taken: (() => void) | undefined }[] = [];
  let wake = (): void => undefined;
  let end: { readonly error?: unknown } | undefined;
  const endWith = (result: { readonly error?: unknown }): void => {
    end = result;
    wake();
  };
  void call((part, taken) => {
    parts.push({ part, taken });
    wake();
  }).then(
    () => endWith({}),
    (error: unknown) => endWith({ error }),
  );
  for (;;) {
    for (let next = parts.shift(); next; next = parts.shift()) {
      next.taken?.();
      yield next.part;
    }
    if (end) {
      if ('error' in end) throw end.error;
      return;
    }
    await new Promise<void>((resolve) => (wake = resolve));
  }
}
