/** What is said of the length of pieces that the engine picks: once a run, with the first audio that is cut. Pure. */
import type { SpeechRecognitionOutput } from '../pipelines/recognition-output.ts';
import type { TranscribeCommand } from './transcribe-command.ts';

/** Of a result; or of audio that is known to be longer than a piece, without its length. */
export type PieceTiming = Pick<NonNullable<SpeechRecognitionOutput['timing']>, 'chunk_length_s'> & {
  readonly audio_seconds?: number;
};

/**
 * Nothing is said where the command has a length.
 * @param note writes a line.
 */
export function pieceNote(
  { chunkSeconds }: Pick<TranscribeCommand, 'chunkSeconds'>,
  note: (line: string) => void,
): (timing: PieceTiming | undefined) => void {
  let isSaid = chunkSeconds !== undefined;
  return (timing) => {
    if (isSaid || !timing) return;
    const { chunk_length_s: seconds, audio_seconds: audioSeconds = Infinity } = timing;
    if (audioSeconds <= seconds) return;
    isSaid = true;
    note(
      `Audio is cut into overlapping pieces of ${seconds} s, as the adapter's memory and the model's attention allow; --chunk SECONDS sets another length.`,
    );
  };
}
