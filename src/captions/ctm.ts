/** Time-marked words (`.ctm`): NIST's format of who said which word when, as `sclite` reads it. */
import { rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { fieldText } from './field-text.ts';
import { inMilliseconds, millisecondsOf } from './timecode.ts';
import { type CaptionSource, wordsOf } from './transcript.ts';

export interface CtmOptions {
  /** What the file calls the audio: by convention the name of its file without the ending. */
  readonly uri: string;
  /** Default '1'. */
  readonly channel?: string | undefined;
}

/**
 * A line for each word, in their order: `uri channel start duration word score`, in seconds, to a millisecond; '' without words. The
 * score is left out where there is none. Lines of several files may follow each other, sorted by their names.
 * @throws UniSpeechError `bad-input` for names and words that are empty or have white space, which divides the fields, and as `wordsOf` does.
 */
export function toCtm(source: CaptionSource, options: CtmOptions): string {
  rejectUnknownOptions(options, ['uri', 'channel'], 'toCtm');
  const uri = fieldText('The uri', 'a CTM', options.uri);
  const channel = fieldText('The channel', 'a CTM', options.channel ?? '1');
  if (uri.startsWith(';;'))
    throw new UniSpeechError(
      'bad-input',
      'The uri of a file in CTM begins with ";;", which begins a comment.',
    );
  const lines = wordsOf(source).map(({ text, start, end, score }) => {
    const [from, to] = [millisecondsOf(start), millisecondsOf(end)];
    const word = fieldText('A word', 'a CTM', text);
    const fields = [uri, channel, inMilliseconds(from), inMilliseconds(to - from), word];
    return `${[...fields, ...(typeof score === 'number' ? [score.toFixed(4)] : [])].join(' ')}\n`;
  });
  return lines.join('');
}
