/** A transcript as a JSON file. */
import type { TimedText } from '../base/timed-text.ts';
import { checkedChunks, type TimedTranscript } from './transcript.ts';

/** A transcript, and what may be said of where it comes from. */
export interface TranscriptFile extends TimedTranscript {
  /** The name of the audio. */
  readonly audio?: string | undefined;
  readonly audio_seconds?: number | undefined;
  readonly model?: string | undefined;
  /** Finer times beside those of `chunks`. */
  readonly characters?: readonly TimedText[] | undefined;
}

/**
 * `{ audio, audio_seconds, model, text, chunks, characters }`, as far as they are given. Chunks are
 * `{ text, timestamp: [start, end] }`, as the pipeline returns them; seconds are rounded to milliseconds.
 * @throws UniSpeechError `bad-input` for a transcript without times, and for times that are none or go back.
 */
export function toJson(file: TranscriptFile): string {
  const chunks = checkedChunks(file);
  const { audio, audio_seconds, model, text, characters } = file;
  const content = {
    audio,
    audio_seconds: audio_seconds === undefined ? undefined : round(audio_seconds),
    model,
    text,
    chunks: chunks.map(rounded),
    characters: characters && checkedChunks({ text, chunks: characters }).map(rounded),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** To milliseconds: no digits that floating point made up. */
const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;

const rounded = ({ text, timestamp: [start, end] }: TimedText): TimedText => ({
  text,
  timestamp: [round(start), round(end)],
});
