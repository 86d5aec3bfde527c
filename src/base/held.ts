/**
 * Keeps the reader of a stream in memory while it reads. Chromium 147 collects a reader that only its own pending read refers to, with the
 * stream behind it: the read then never ends. That happens with bodies out of the Cache API.
 */
const held = new Set<object>();

/** @param owner has one piece of work at a time. */
export async function heldWhile<T>(owner: object, work: Promise<T>): Promise<T> {
  held.add(owner);
  try {
    return await work;
  } finally {
    held.delete(owner);
  }
}
