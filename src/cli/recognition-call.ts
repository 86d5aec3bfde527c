/** The options of a recognition that `transcribe` asks for. */
import type { AutomaticSpeechRecognitionPipeline } from '../pipelines/automatic-speech-recognition.ts';
import type { SpeechRecognitionOptions } from '../pipelines/recognition-options.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../text/phoneme-tokenizer.ts';
import type { TranscribeCommand } from './transcribe-command.ts';
import { isTimed } from './transcript.ts';

type WithTokenizer = Pick<AutomaticSpeechRecognitionPipeline, 'tokenizer'>;

/** Whether a model's characters are phonemes. */
export const isOfPhonemes = ({ tokenizer }: WithTokenizer): boolean =>
  tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer;

export function recognitionOptions(
  command: TranscribeCommand,
  recognize: WithTokenizer,
  signal: AbortSignal,
): SpeechRecognitionOptions {
  const { formats, timestamps, chunkSeconds, cut, maxSeconds, confidence, logprobs, temperature } = command;
  // Models of phonemes know no words: their captions and times are of phonemes, unless words are asked for, which is an error.
  const unit = isOfPhonemes(recognize) ? 'char' : 'word';
  return {
    return_timestamps: timestamps ?? (formats.some(isTimed) ? unit : undefined),
    chunk_length_s: chunkSeconds,
    cut,
    ...(maxSeconds !== undefined && { max_duration_s: maxSeconds }),
    ...(confidence && { return_confidence: true }),
    ...(logprobs && { return_logprobs: true }),
    ...(temperature !== undefined && { temperature }),
    return_timing: true,
    signal,
  };
}
