/** What a stream has said so far: text that never changes, and text that still may. */
import type { TimedText } from '../base/timed-text.ts';
import type { Unit } from './agreement.ts';

/** The state of a transcription after one more look at its audio. */
export interface TranscriptUpdate {
  /** Everything that is settled. From one update to the next it only ever grows at its end. */
  readonly committed: string;
  /** What was heard behind it, and may still change. */
  readonly tentative: string;
  /** Both as one string. */
  readonly text: string;
  /** The words (or phonemes) that were committed with this update, with seconds since the stream began. */
  readonly committedChunks: readonly TimedText[];
  readonly tentativeChunks: readonly TimedText[];
  /** The audio that this update is about, in seconds since the stream began. */
  readonly audioSeconds: number;
  /** Audio that is already there but was not looked at: how far recognition is behind. */
  readonly behindSeconds: number;
  /** Audio that was lost, since recognition was too far behind. Times do not count it. */
  readonly droppedSeconds: number;
  /** The last update: the stream is over and nothing is tentative. */
  readonly isFinal: boolean;
}

export class Transcript {
  #committed = '';

  /** @param separator between units. */
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

/** Spaces among the units, as characters have them, come neither first nor twice. */
function joined(text: string, units: readonly Unit[], separator: string): string {
  let result = text;
  for (const unit of units) {
    const isSpace = unit.text.trim() === '';
    if (isSpace && (result === '' || result.endsWith(' '))) continue;
    result += result === '' || isSpace ? unit.text : separator + unit.text;
  }
  return result;
}
