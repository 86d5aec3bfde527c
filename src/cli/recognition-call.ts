/** The options of a recognition that `transcribe` asks for. */
import type { AutomaticSpeechRecognitionPipeline } from '../pipelines/automatic-speech-recognition.ts';
import type { SpeechRecognitionOptions } from '../pipelines/recognition-options.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../text/phoneme-tokenizer.ts';
import type { TranscribeCommand } from './transcribe-command.ts';
import { isCaptions } from './transcript.ts';

export function recognitionOptions(
  { formats, timestamps, chunkSeconds, cut, maxSeconds }: TranscribeCommand,
  { tokenizer }: Pick<AutomaticSpeechRecognitionPipeline, 'tokenizer'>,
  signal: AbortSignal,
): SpeechRecognitionOptions {
  // Models of phonemes know no words: their captions are of phonemes, unless words are asked for, which is an error.
  const captionUnit = tokenizer instanceof Wav2Vec2PhonemeCTCTokenizer ? 'char' : 'word';
  return {
    return_timestamps: timestamps ?? (formats.some(isCaptions) ? captionUnit : undefined),
    chunk_length_s: chunkSeconds,
    cut,
    ...(maxSeconds !== undefined && { max_duration_s: maxSeconds }),
    return_timing: true,
    signal,
  };
}
