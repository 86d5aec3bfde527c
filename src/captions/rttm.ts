/** Rich Transcription Time Marked (`.rttm`): NIST's format of who speaks when, as the tools that score diarization read it. */
import { isList, isRecord } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { fieldText } from './field-text.ts';
import { isSeconds } from './timed-words.ts';
import { inMilliseconds, millisecondsOf } from './timecode.ts';

/** The result of `pipeline('audio-frame-classification')`, or of another program. */
export interface SpeakerTurns {
  readonly segments: readonly {
    readonly speaker: string;
    /** Seconds. */
    readonly start: number;
    readonly end: number;
  }[];
}

export interface RttmOptions {
  /** What the file calls the audio: by convention the name of its file without the ending. */
  readonly uri: string;
}

/**
 * A line for each segment, in their order, with times to a millisecond; '' without segments:
 * `SPEAKER uri 1 start duration <NA> <NA> speaker <NA> <NA>`. Lines of several files may follow each other.
 * @throws UniSpeechError `bad-input` for names that are empty or have white space, which divides the fields, and for times that are none.
 */
export function toRttm(turns: SpeakerTurns, options: RttmOptions): string {
  const { segments }: { readonly segments?: unknown } = isRecord(turns) ? turns : {};
  if (!isList(segments)) {
    throw new UniSpeechError(
      'bad-input',
      `toRttm got ${describeValue(turns)}, expected { segments }.`,
      "Give the result of a call of pipeline('audio-frame-classification').",
    );
  }
  const uri = fieldText('The uri', 'an RTTM', isRecord(options) ? options.uri : undefined);
  // Not `map`, which passes over the holes of an array.
  const lines = Array.from(segments, (segment, index) => {
    const { speaker, start, end } = isRecord(segment) ? segment : {};
    if (!isSeconds(start) || !isSeconds(end) || end < start) {
      throw new UniSpeechError(
        'bad-input',
        `Segment ${index} is from ${describeValue(start)} to ${describeValue(end)}, expected seconds, and an end that is not before the start.`,
      );
    }
    const [from, to] = [millisecondsOf(start), millisecondsOf(end)];
    const fields = [
      inMilliseconds(from),
      inMilliseconds(to - from),
      '<NA> <NA>',
      fieldText('A speaker', 'an RTTM', speaker),
    ];
    return `SPEAKER ${uri} 1 ${fields.join(' ')} <NA> <NA>\n`;
  });
  return lines.join('');
}
