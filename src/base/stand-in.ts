/** Recognises by its first bytes what stands in place of a model's file, such as a Git LFS pointer. */
import { describeValue } from './errors.ts';

export interface StandIn {
  /** Continues the sentence "FILE is". */
  readonly what: string;
  readonly fix: string;
}

/** How many first bytes of a file are looked at. */
export const STAND_IN_BYTE_LENGTH = 200;

const KINDS: readonly (readonly [RegExp, what: string, fix: string])[] = [
  [/^[\s\0]*$/, 'empty', 'Download the file again.'],
  [
    // Git LFS was called `hawser` in its first months.
    /^version https?:\/\/(git-lfs|hawser)\.github\.com\/spec|^version http:\/\/git-media\.io/,
    'a Git LFS pointer and not the file that it stands for',
    'Run "git lfs install" and "git lfs pull" in the folder of the model, or download the file from its page.',
  ],
  [
    /^# xet version/,
    'a Xet pointer and not the file that it stands for',
    'Install git-xet and pull again, or download the file from the page of the model.',
  ],
  [
    /^\s*</,
    'a page of HTML or XML and not the file',
    'A server or a login page answered so: download the file again, in a browser to see what it says.',
  ],
  [/^PK\p{Cc}{2}/u, 'a zip archive', 'PyTorch writes such files, under the name pytorch_model.bin.'],
];

/** @param start the first `STAND_IN_BYTE_LENGTH` bytes as text, or all of a shorter file. */
export function standInOf(start: string): StandIn | undefined {
  for (const [pattern, what, fix] of KINDS) if (pattern.test(start)) return { what, fix };
  return undefined;
}

/** Like `standInOf`, for files that are not text: any readable text, such as a server's message, stands in place of the file. */
export function standInOfBinary(bytes: Uint8Array): StandIn | undefined {
  const start = new TextDecoder().decode(bytes);
  const kind = standInOf(start);
  if (kind || !/^[\x20-\x7e\s]*$/.test(start)) return kind;
  return { what: `text that begins with ${describeValue(start)}`, fix: 'Download the file again.' };
}
