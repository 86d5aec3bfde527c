/** The location of a model: a Hugging Face id or an address. */
import { UniSpeechError, describeValue } from '../base/errors.ts';

/** `owner/name`: one slash, none at either end, and no dot in front. Relative paths of that form begin with `./`. */
const HUGGING_FACE_ID = /^[\w-][\w.-]*\/[\w.-]+$/;

export const HUGGING_FACE = 'https://huggingface.co';

/** Options that only the files of a Hugging Face id have. */
export interface HubOptions {
  /** Branch, tag or commit; `main` when left out. */
  readonly revision?: string | null | undefined;
  readonly token?: string | boolean | null | undefined;
}

/**
 * The base URL of the files of a Hugging Face id, or undefined for anything else (a URL or path).
 * @param endpoint the server, without a slash at its end.
 * @throws UniSpeechError `bad-option` for a revision or a token of something that has none.
 */
export function huggingFaceUrl(
  location: string | URL,
  { revision, token }: HubOptions = {},
  endpoint = HUGGING_FACE,
): string | undefined {
  const id = String(location);
  if (HUGGING_FACE_ID.test(id)) return `${endpoint}/${id}/resolve/${encodeURIComponent(revision ?? 'main')}`;
  // A token is a secret, which no message shows.
  const given =
    typeof revision === 'string' ? `The revision ${describeValue(revision)}` : token ? 'A token' : undefined;
  if (given === undefined) return undefined;
  throw new UniSpeechError(
    'bad-option',
    `${given} was given, but ${describeValue(id)} is not a Hugging Face id.`,
    'Give an id such as owner/name, or leave the option out.',
  );
}
