/** The inputs that callers may pass to a model, and their internal form: a padded batch with real lengths. */
import { isList, isView } from '../../base/checks.ts';
import { UniSpeechError } from '../../base/errors.ts';
import { nonFiniteIndex } from '../../base/finite-samples.ts';
import { Tensor } from '../../base/tensor.ts';
import { flatMask, maskRows } from '../../base/number-tables.ts';
import { describeInput } from '../../base/tensor-checks.ts';
import { FRAME_KEEP, FRAME_REPLACE, FRAME_ZERO } from '../../../kernels/elementwise.ts';
import type { RunInputs } from '../../graph/run.ts';
import type { EncoderConfig } from '../encoder/config.ts';

/** Audio for a model: one clip, a batch tensor [batch, samples], or clips of any lengths (padded and masked here). */
export type ModelAudio = Tensor | Float32Array | readonly (Float32Array | Tensor)[];

/** A batch [items, samples] in one array. */
export interface AudioBatch {
  readonly items: number;
  readonly samples: number;
  readonly data: Float32Array<ArrayBuffer>;
  /** Ones in each row of the attention mask, or `undefined` when there is no mask. */
  readonly lengths: readonly number[] | undefined;
}

/** @throws UniSpeechError `bad-input` for a wrong shape, an empty or too short clip, or a mask that does not fit. */
export function readAudioBatch(input: unknown, mask: unknown, config: EncoderConfig): AudioBatch {
  const clips = readClips(input);
  const samples = clips.reduce((most, { length }) => Math.max(most, length), 0);
  const minimum = config.minimumSampleCount;
  const short = clips.findIndex(({ length }) => length < minimum);
  if (short >= 0) {
    const which = clips.length === 1 ? 'The audio' : `Clip ${short} of the batch`;
    throw new UniSpeechError(
      'bad-input',
      `${which} is too short: ${clips[short]?.length ?? 0} samples, this model needs at least ${minimum}.`,
    );
  }
  const data = new Float32Array(clips.length * samples);
  clips.forEach((clip, item) => data.set(clip, item * samples));
  const isRagged = clips.some(({ length }) => length !== samples);
  if (mask !== undefined && mask !== null) {
    if (isRagged) {
      throw new UniSpeechError(
        'bad-input',
        'attention_mask cannot be combined with clips of different lengths.',
        'Pass one padded [batch, samples] tensor with the mask, or the clips without a mask.',
      );
    }
    return { items: clips.length, samples, data, lengths: readMask(mask, clips.length, samples) };
  }
  return {
    items: clips.length,
    samples,
    data,
    lengths: isRagged ? clips.map(({ length }) => length) : undefined,
  };
}

function readClips(input: unknown): readonly Float32Array[] {
  if (isList(input)) {
    if (input.length === 0)
      throw new UniSpeechError('bad-input', 'input_values is an empty list, expected at least one clip.');
    // Not `map`, which passes over the holes of an array.
    return Array.from(input, (clip) => readClip(clip, 'every clip of input_values'));
  }
  if (input instanceof Tensor && input.dims.length === 2) {
    const [items = 0] = input.dims;
    if (items === 0)
      throw new UniSpeechError('bad-input', 'input_values has a batch of 0, expected at least one clip.');
    return Array.from({ length: items }, (_, item) => readClip(input.at(item), 'input_values'));
  }
  return [readClip(input, 'input_values')];
}

function readClip(clip: unknown, where: string): Float32Array {
  const isTensor = clip instanceof Tensor;
  const samples: unknown = isTensor && clip.dims.length === 1 ? clip.data : clip;
  if (!isView(samples, 'Float32Array')) {
    throw new UniSpeechError(
      'bad-input',
      `${where} must be float32 samples (a Float32Array, or a float32 Tensor of dims [samples] or [batch, samples]), but it is ${describeInput(clip)}.`,
      'Run the audio through the processor first.',
    );
  }
  const invalidIndex = nonFiniteIndex(samples);
  if (invalidIndex < 0) return samples;
  throw new UniSpeechError(
    'bad-input',
    `${where} must be finite numbers, but sample ${invalidIndex} is ${samples[invalidIndex]}.`,
  );
}

/** Counts the ones of each row. The reference uses only the count, not their positions. */
function readMask(mask: unknown, items: number, samples: number): readonly number[] {
  const rows = maskRows(mask, 'attention_mask');
  if (rows.length !== items) {
    throw new UniSpeechError(
      'bad-input',
      `attention_mask must have the shape of input_values, [${items}, ${samples}], but it has ${rows.length} rows.`,
    );
  }
  return rows.map((row, item) => {
    if (row.length === samples) return row.reduce((sum, bit) => sum + bit, 0);
    throw new UniSpeechError(
      'bad-input',
      `Row ${item} of attention_mask has ${row.length} entries, but input_values has ${samples} samples.`,
    );
  });
}

/**
 * Frames that may be attended in each row, as the reference computes them from the number of real samples
 * (`_get_feature_vector_attention_mask`). Rows shorter than the receptive field follow its negative indexing: a
 * formula result of 0 means all frames, −1 all but the last, and so on. Models that pool frames have a plain mask, without frames for such rows.
 * @throws UniSpeechError `bad-input` where the reference raises an IndexError.
 */
export function attendedFrames(batch: AudioBatch, frames: number, config: EncoderConfig): readonly number[] {
  if (batch.lengths === undefined) return new Array<number>(batch.items).fill(frames);
  return batch.lengths.map((length, item) => {
    const formula = config.frameCount(length);
    if (config.pooledFrames !== undefined) return Math.min(Math.max(formula, 0), frames);
    const count = formula > 0 ? formula : frames + formula;
    if (count < 1 || count > frames) {
      throw new UniSpeechError(
        'bad-input',
        `Row ${item} of the batch has ${length} real samples, which give no frame to attend among ${frames}.`,
        `Give every clip at least ${config.minimumSampleCount} samples.`,
      );
    }
    return count;
  });
}

/** Pooled frames that layers may attend in each row: those with a frame that may be attended. */
const attendedPools = (counts: readonly number[], frames: number, size: number): readonly number[] =>
  counts.map((count) => Math.min(Math.ceil(count / size), Math.floor(frames / size)));

/**
 * What the encoder reads of a batch, by the names of the graph's inputs.
 * @param timeMask `mask_time_indices`, [batch, frames].
 * @throws UniSpeechError `bad-input`.
 */
export function encoderInputs(batch: AudioBatch, timeMask: unknown, config: EncoderConfig): RunInputs {
  const frames = config.frameCount(batch.samples);
  const counts = attendedFrames(batch, frames, config);
  const inputs = new Map<string, Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>([
    ['input_values', batch.data],
    ['key_counts', Uint32Array.from(counts)],
  ]);
  const { pooledFrames } = config;
  if (pooledFrames !== undefined)
    inputs.set('layer_key_counts', Uint32Array.from(attendedPools(counts, frames, pooledFrames)));
  const codes = frameCodes(counts, frames, timeMask, config);
  if (codes) inputs.set('frame_codes', codes);
  return inputs;
}

/**
 * One code per frame for the mask_frames kernel, or `undefined` if every frame is kept.
 * @param timeMask `mask_time_indices`, [batch, frames].
 */
export function frameCodes(
  counts: readonly number[],
  frames: number,
  timeMask: unknown,
  config: EncoderConfig,
): Uint32Array<ArrayBuffer> | undefined {
  const replaced = readTimeMask(timeMask, counts.length, frames, config);
  if (replaced === undefined && counts.every((count) => count === frames)) return undefined;
  const codes = new Uint32Array(counts.length * frames).fill(FRAME_KEEP);
  counts.forEach((count, item) => {
    for (let frame = 0; frame < frames; frame++) {
      const index = item * frames + frame;
      if (frame >= count) codes[index] = FRAME_ZERO;
      else if (replaced?.[index]) codes[index] = FRAME_REPLACE;
    }
  });
  return codes;
}

function readTimeMask(
  mask: unknown,
  items: number,
  frames: number,
  config: EncoderConfig,
): Uint8Array | undefined {
  if (mask === undefined || mask === null || !config.apply_spec_augment) return undefined;
  if (!config.hasMaskEmbedding) {
    throw new UniSpeechError(
      'bad-input',
      'mask_time_indices needs masked_spec_embed, which a model with mask_time_prob and mask_feature_prob of 0 does not have.',
    );
  }
  return flatMask(mask, 'mask_time_indices', items, frames);
}
