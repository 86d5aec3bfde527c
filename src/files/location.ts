/** The location of a model: a Hugging Face id or an address. */
import { UniSpeechError, describeValue } from '../base/errors.ts';

/** `owner/name`: one slash, none at either end, and no dot in front. Relative paths of that form begin with `./`. */
const HUGGING_FACE_ID = /^[\w-][\w.-]*\/[\w.-]+$/;

/**
 * The base URL of the files of a Hugging Face id, or undefined for anything else (a URL or path).
 * @param revision branch, tag or commit; `main` when left out.
 * @throws UniSpeechError `bad-option` for a revision of something that has none.
 */
export function huggingFaceUrl(location: string | URL, revision?: string | null): string | undefined {
  const id = String(location);
  if (HUGGING_FACE_ID.test(id)) {
    return `https://huggingface.co/${id}/resolve/${encodeURIComponent(revision ?? 'main')}`;
  }
  if (revision === undefined || revision === null) return undefined;
  throw new UniSpeechError(
    'bad-option',
    `The revision ${describeValue(revision)} was asked for, but ${describeValue(id)} is not a Hugging Face id.`,
    'Give an id such as owner/name, or leave the revision out.',
  );
}
