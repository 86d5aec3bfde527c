/** Names that nobody can guess. */
import { randomBytes } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The prefix and 22 letters and digits: 131 bits. */
export function randomId(prefix: string): string {
  let id = '';
  while (id.length < 22)
    // 62 does not divide 256: bytes that would make some characters likelier are left out.
    for (const byte of randomBytes(32)) if (byte < 248 && id.length < 22) id += BASE62.charAt(byte % 62);
  return prefix + id;
}
