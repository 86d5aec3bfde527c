/** Makes the choice of a decoder something that can be sent to a worker. */
import { isRecord, isUrl } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { huggingFaceUrl } from '../files/location.ts';

/**
 * Addresses become those of the page, to which the script of a worker is not relative.
 * @throws UniSpeechError `bad-option` for an object that decodes, or a loaded language model.
 */
export function packDecoder(choice: unknown): unknown {
  if (!isRecord(choice)) return choice;
  const { language_model: source, ...others } = choice;
  const isLoaded = isRecord(source) && 'ngrams' in source;
  if (typeof choice.create === 'function' || isLoaded)
    throw new UniSpeechError(
      'bad-option',
      `${isLoaded ? 'A loaded language model' : 'A decoder'} cannot be sent to a worker.`,
      "Give settings: decoder: { type: 'beam', language_model: URL, … }.",
    );
  const isAddress = isUrl(source) || (typeof source === 'string' && source !== '' && !isFileOfHub(source));
  if (!isAddress) return choice;
  return { ...others, language_model: new URL(String(source), document.baseURI).href };
}

/** `owner/name/file`. */
function isFileOfHub(source: string): boolean {
  const end = source.lastIndexOf('/');
  return end > 0 && huggingFaceUrl(source.slice(0, end)) !== undefined;
}
