/** What an engine process does with one clip. */
import { align, type AlignedWord } from 'unispeech-webgpu/align';
import { EngineError } from '../engine-error.ts';
import type { ClipMessage, EngineAlignment, EngineClip, EnginePart, PreparedSound } from '../messages.ts';
import type { TranscribedUnit } from '../transcription-job.ts';
import type { EngineModel } from './engine-model.ts';
import { preparedBlocks } from './prepared-sound.ts';
import { asSpelled, callFor, unitsOf } from './units.ts';

type MessageOf<Type> = Extract<ClipMessage, { readonly type: Type }>;

interface RanClip<Clip> {
  readonly clip: Clip;
  readonly warnings: readonly string[];
}

/** @throws EngineError `audio_too_short` */
function checkLength(
  { sampleCount, sampleRate }: PreparedSound,
  { samples_per_window: minimum }: EngineModel['info'],
): void {
  if (sampleCount >= minimum) return;
  throw new EngineError(
    'audio_too_short',
    `The audio is too short: ${sampleCount} samples at ${sampleRate} Hz, this model needs at least ${minimum}.`,
  );
}

/** @throws UniSpeechError; EngineError `audio_too_short`; the signal's reason. */
export async function transcribeClip(
  { queue, info, searches }: EngineModel,
  { id, sound, isLow, options }: MessageOf<'transcribe'>,
  signal: AbortSignal,
  onPart: (part: EnginePart) => void,
): Promise<RanClip<EngineClip>> {
  checkLength(sound, info);
  const { chunkLengthSeconds, hotwords = [] } = options;
  // What phonemes cannot give is refused by the engine in its own words.
  const wanted = info.units === 'phonemes' && options.words ? { words: true } : options;
  const queued = queue.add(preparedBlocks(sound), {
    ...callFor(wanted, searches),
    ...(hotwords.length > 0 && {
      decoder_kwargs: { hotwords: hotwords.map((word) => asSpelled(word, info.labels)) },
    }),
    chunk_length_s: chunkLengthSeconds,
    id,
    priority: isLow ? 'low' : 'normal',
    signal,
  });
  for await (const part of queued.parts)
    onPart({ ...unitsOf(part, wanted, info), seconds: part.progress.seconds });
  const output = await queued.result;
  return { clip: unitsOf(output, wanted, info), warnings: output.warnings ?? [] };
}

/** Beside the queue: its windows wait for the device with the batches of others. Its parts have no text. @throws as above. */
export async function alignClip(
  { recognizer, info }: EngineModel,
  { sound, text, options }: MessageOf<'align'>,
  signal: AbortSignal,
  onPart: (part: EnginePart) => void,
): Promise<RanClip<EngineAlignment>> {
  checkLength(sound, info);
  const { chunkLengthSeconds, characters } = options;
  const aligned = await align(recognizer, preparedBlocks(sound), text, {
    chunk_length_s: chunkLengthSeconds,
    signal,
    progress_callback: ({ seconds }) => onPart({ text: '', seconds }),
  });
  const clip: EngineAlignment = {
    text: aligned.text,
    score: aligned.score,
    words: aligned.words.map(alignedUnit),
    ...(characters && { characters: aligned.tokens.map(alignedUnit) }),
    unaligned: aligned.unaligned.map(({ text: word, char_start, char_end }) => ({
      text: word,
      from: char_start,
      to: char_end,
    })),
  };
  return { clip, warnings: aligned.warnings ?? [] };
}

const alignedUnit = ({
  text,
  start,
  end,
  score,
}: Pick<AlignedWord, 'text' | 'start' | 'end' | 'score'>): TranscribedUnit => ({
  text,
  start,
  end,
  ...(score !== null && { probability: score }),
});
