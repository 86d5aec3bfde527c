/** What comes before the end of some work, as an iterable. */

/**
 * @param call begins the work, and ends when all parts were given to its argument.
 * @throws what the call rejects with, behind the parts that came before.
 */
export async function* partsOf<Part>(
  call: (onPart: (part: Part) => void) => Promise<unknown>,
): AsyncGenerator<Part, void, undefined> {
  const parts: Part[] = [];
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
    yield* parts.splice(0);
    if (end) {
      if ('error' in end) throw end.error;
      return;
    }
    await new Promise<void>((resolve) => (wake = resolve));
  }
}
