/** The address of a model in a page. */
import { UniSpeechError, describeValue } from '../base/errors.ts';
import { huggingFaceUrl } from '../weights/index.ts';

/**
 * `owner/name` is a Hugging Face id; everything else is a URL, relative to the page as in `fetch`: a relative path of that
 * form begins with `./` or ends with a slash.
 * @throws UniSpeechError `bad-option`.
 */
export function modelUrl(location: string | URL, revision?: string | null): URL {
  const base = typeof document === 'undefined' ? globalThis.location.href : document.baseURI;
  const url = huggingFaceUrl(location, revision) ?? location;
  if (URL.canParse(url, base)) return new URL(url, base);
  throw new UniSpeechError(
    'bad-option',
    `${describeValue(String(location))} is not the address of a model.`,
    'Give a Hugging Face id such as owner/name, or the URL of a folder.',
  );
}
