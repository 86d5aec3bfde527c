/** What a worker sends before its answer, as an iterable. */

/**
 * @param call begins the work, and ends when all parts were given to its argument.
 * @throws what the call rejects with, behind the parts that came before.
 */
export async function* partsOf(
  call: (onPart: (part: unknown) => void) => Promise<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  const parts: unknown[] = [];
  let wake = (): void => undefined;
  let end: { readonly error?: unknown } | undefined;
  const endWith = (result: { readonly error?: unknown }): void => {
    end = result;
    wake();
  };
  void call((part) => {
    parts.push(part);
    wake();
  }).then(
    () => endWith({}),
    (error: unknown) => endWith({ error }),
  );
  for (;;) {
    while (parts.length > 0) yield parts.shift();
    if (end) {
      if ('error' in end) throw end.error;
      return;
    }
    await new Promise<void>((resolve) => (wake = resolve));
  }
}
