/** A transcript or an alignment as a JSON file. */
import { isRecord } from '../base/checks.ts';
import type { TimedText } from '../base/timed-text.ts';
import { checkedWords, type TimedWord } from './timed-words.ts';
import { checkedChunks } from './transcript.ts';

/** A transcript, and what may be said of where it comes from. It has `text` and `chunks`, or `words`, or both. */
export interface TranscriptFile {
  readonly text?: string | undefined;
  /** In order. */
  readonly chunks?: readonly TimedText[] | undefined;
  /** In order. */
  readonly words?: readonly TimedWord[] | undefined;
  /** The name of the audio. */
  readonly audio?: string | undefined;
  readonly audio_seconds?: number | undefined;
  readonly model?: string | undefined;
  /** Finer times beside those of `chunks`. */
  readonly characters?: readonly TimedText[] | undefined;
}

/**
 * `{ audio, audio_seconds, model, text, chunks, words, characters }`, as far as they are given. Chunks are
 * `{ text, timestamp: [start, end] }`, as the pipeline returns them, words `{ text, start, end, score }`; seconds are rounded to milliseconds.
 * @throws UniSpeechError `bad-input` for a transcript without times, and for times that are none or go back.
 */
export function toJson(file: TranscriptFile): string {
  const isOfWords = isRecord(file) && file.words !== undefined;
  const chunks = isOfWords && file.chunks === undefined ? undefined : checkedChunks(file);
  const words = isOfWords ? checkedWords(file.words, 'the transcript') : undefined;
  const { audio, audio_seconds, model, text = '', characters } = file;
  const content = {
    audio,
    audio_seconds: audio_seconds === undefined ? undefined : round(audio_seconds),
    model,
    text: file.text,
    chunks: chunks?.map(rounded),
    words: words?.map((word) => ({ ...word, start: round(word.start), end: round(word.end) })),
    characters: characters && checkedChunks({ text, chunks: characters }).map(rounded),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** To milliseconds: no digits that floating point made up. */
const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;

const rounded = ({ timestamp: [start, end], ...chunk }: TimedText): TimedText => ({
  ...chunk,
  timestamp: [round(start), round(end)],
});
