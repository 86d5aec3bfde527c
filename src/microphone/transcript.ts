/** The transcript of a stream so far: committed text, which never changes, and tentative text, which may. */
import type { TimedText } from '../base/timed-text.ts';
import type { Unit } from './agreement.ts';

/** The state of a transcription after one more recognition. */
export interface TranscriptUpdate {
  /** All committed text. From one update to the next it only grows at its end. */
  readonly committed: string;
  /** The text after it, which may still change. */
  readonly tentative: string;
  /** Both as one string. */
  readonly text: string;
  /** The words (or phonemes) that this update committed, with seconds since the stream began. */
  readonly committedChunks: readonly TimedText[];
  readonly tentativeChunks: readonly TimedText[];
  /** The audio that this update covers, in seconds since the stream began. */
  readonly audioSeconds: number;
  /** Audio that has arrived but was not recognised yet, in seconds: how far recognition is behind. */
  readonly behindSeconds: number;
  /** Audio that was dropped because recognition was too far behind, in seconds. Times do not count it. */
  readonly droppedSeconds: number;
  /** True for the last update: the stream is over and nothing is tentative. */
  readonly isFinal: boolean;
}

export class Transcript {
  #committed = '';

  /** @param separator text between units. */
  add(
    committed: readonly Unit[],
    tentative: readonly Unit[],
    separator: string,
  ): Pick<TranscriptUpdate, 'committed' | 'tentative' | 'text' | 'committedChunks' | 'tentativeChunks'> {
    this.#committed = joined(this.#committed, committed, separator);
    const text = joined(this.#committed, tentative, separator);
    return {
      committed: this.#committed,
      tentative: text.slice(this.#committed.length).trim(),
      text,
      committedChunks: committed.map(toTimedText),
      tentativeChunks: tentative.map(toTimedText),
    };
  }
}

const toTimedText = ({ text, start, end }: Unit): TimedText => ({ text, timestamp: [start, end] });

/** Joins units. Space units, which exist among characters, are dropped at the start and after another space. */
function joined(text: string, units: readonly Unit[], separator: string): string {
  let result = text;
  for (const unit of units) {
    const isSpace = unit.text.trim() === '';
    if (isSpace && (result === '' || result.endsWith(' '))) continue;
    result += result === '' || isSpace ? unit.text : separator + unit.text;
  }
  return result;
}
