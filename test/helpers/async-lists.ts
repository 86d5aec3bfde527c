/** Lists and async iterables. */

/** All that an iterable gives. */
export async function listOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** The items one by one, with `onEnd` called when the loop ends, early or not. */
export async function* oneByOne<T>(
  items: Iterable<T>,
  onEnd: () => void = () => undefined,
): AsyncGenerator<T, void, undefined> {
  try {
    for (const item of items) yield await Promise.resolve(item);
  } finally {
    onEnd();
  }
}
