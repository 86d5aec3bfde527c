/** What captions are made of: the result of a recognition or an alignment with its times, checked, as words. Pure. */
import { isList, isRecord } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import type { TimedText } from '../base/timed-text.ts';
import { checkedWords, checkOrder, inOneLine, isSeconds, type TimedWord } from './timed-words.ts';

/** The result of a call with `return_timestamps`: of words, characters or phonemes. */
export interface TimedTranscript {
  readonly text: string;
  /** In order. Left out, there are no captions: an error. */
  readonly chunks?: readonly TimedText[] | undefined;
}

/** The result of an alignment, or words with times from elsewhere. */
export interface TimedWords {
  /** In order. */
  readonly words: readonly TimedWord[];
}

/** What captions and files of words are made of. If it has both, `words` count. */
export type CaptionSource = TimedTranscript | TimedWords;

/**
 * The chunks of a transcript.
 * @throws UniSpeechError `bad-input` for a transcript without times, and for times that are none or go back.
 */
export function checkedChunks(transcript: unknown): readonly TimedText[] {
  if (!isRecord(transcript) || typeof transcript.text !== 'string') {
    throw new UniSpeechError(
      'bad-input',
      `Captions got ${describeValue(transcript)}, expected a transcript: { text, chunks } or { words }.`,
      'Give the result of a pipeline call or of an alignment.',
    );
  }
  const { text, chunks } = transcript;
  if (!isList(chunks) || (chunks.length === 0 && text.trim() !== '')) {
    throw new UniSpeechError(
      'bad-input',
      `Captions got a transcript whose chunks are ${describeValue(chunks)}, expected a list with the times of its text.`,
      "Call the pipeline with return_timestamps: 'word' ('char' for phonemes).",
    );
  }
  let lastStart = 0;
  // Not `map`, which passes over the holes of an array.
  return Array.from(chunks, (chunk, index) => {
    const { text: unit, timestamp, confidence } = isRecord(chunk) ? chunk : {};
    const [start, end, ...more]: readonly unknown[] = isList(timestamp) ? timestamp : [];
    if (typeof unit !== 'string' || !isSeconds(start) || !isSeconds(end) || more.length > 0) {
      throw new UniSpeechError(
        'bad-input',
        `Chunk ${index} of the transcript is ${describeChunk(chunk)}, expected { text, timestamp: [start, end] } in seconds.`,
      );
    }
    checkOrder(`Chunk ${index} of the transcript, ${describeValue(unit)},`, start, end, lastStart);
    lastStart = start;
    const isMeasured = typeof confidence === 'number' && confidence >= 0 && confidence <= 1;
    return { text: unit, timestamp: [start, end], ...(isMeasured && { confidence }) };
  });
}

const describeChunk = (chunk: unknown): string =>
  isRecord(chunk)
    ? `{ text: ${describeValue(chunk.text)}, timestamp: ${isList(chunk.timestamp) ? `[${chunk.timestamp.slice(0, 3).map(describeValue).join(', ')}]` : describeValue(chunk.timestamp)} }`
    : describeValue(chunk);

/**
 * The words of a transcript or an alignment. Characters are joined up to white space, from the start of the first to the end of the last;
 * words and phonemes stay what they are, with the confidences of their chunks as scores. Joined characters have none.
 * @throws UniSpeechError `bad-input` as `checkedWords` and `checkedChunks` do.
 */
export function wordsOf(source: CaptionSource): TimedWord[] {
  if (isRecord(source) && source.words !== undefined) return checkedWords(source.words, 'the transcript');
  const chunks = checkedChunks(source);
  const joins = 'text' in source && areCharacters(source.text, chunks);
  const words: TimedWord[] = [];
  let isOpen = false;
  for (const { text: unit, timestamp, confidence } of chunks) {
    const [start, end] = timestamp;
    const text = inOneLine(unit);
    const last = words.at(-1);
    if (text !== '') {
      if (joins && isOpen && last && !/^\s/.test(unit))
        words[words.length - 1] = { text: last.text + text, start: last.start, end };
      else
        words.push({
          text,
          start,
          end,
          ...(typeof confidence === 'number' && { score: confidence }),
        });
    }
    isOpen = text !== '' && !/\s$/.test(unit);
  }
  return words;
}

/** Whether the chunks spell the text, or white space stands between them. Letters may differ in case: text may be lower-cased. */
function areCharacters(text: string, chunks: readonly TimedText[]): boolean {
  if (chunks.some((chunk) => /^\s+$/.test(chunk.text))) return true;
  const spelled = chunks.map((chunk) => chunk.text).join('');
  return spelled.trim().toLowerCase() === text.trim().toLowerCase();
}
