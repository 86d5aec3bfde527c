/** A recogniser of phonemes without a model: it says what a test wants, frame by frame. */
import type { EmissionInfo, EmissionPart, EmissionSource } from '../../src/pipelines/emissions.ts';

export const LABELS = ['<pad>', '<unk>', '|', '', 'a', 'o', 't', 'tʃ', 'ɛ\u0303', 'ʃ', 'l'];

export const INFO: EmissionInfo = {
  labels: LABELS,
  blank: 0,
  word_delimiter: null,
  unknown: 1,
  special: [0, 1],
  units: 'phonemes',
  sampling_rate: 16_000,
  samples_per_frame: 320,
  samples_per_window: 400,
};

/** Logits whose likeliest column is that of each label; `_` is the blank. A runner-up, where `a~o` names one, is half a unit behind. */
export function logitsOf(frames: string, height = 6): Float32Array {
  const names = frames.split(' ').filter((name) => name !== '');
  const data = new Float32Array(names.length * LABELS.length);
  names.forEach((name, frame) => {
    const [best = '', second] = name.split('~');
    const columnOf = (label: string): number =>
      frame * LABELS.length + (label === '_' ? 0 : LABELS.indexOf(label));
    if (second !== undefined) data[columnOf(second)] = height - 0.5;
    data[columnOf(best)] = height;
  });
  return data;
}

/** @param windows of frames as `logitsOf` takes them, or logits. */
export function sourceOf(
  windows: readonly (string | Float32Array)[],
  info: Partial<EmissionInfo> = {},
): EmissionSource {
  const all = windows.map((window) => (typeof window === 'string' ? logitsOf(window) : window));
  const total = all.reduce((sum, { length }) => sum + length, 0) / LABELS.length;
  return {
    emissionInfo: () => Promise.resolve({ ...INFO, ...info }),
    async *emissions(): AsyncGenerator<EmissionPart, void, undefined> {
      let frame = 0;
      for (const data of all) {
        await Promise.resolve();
        const frameCount = data.length / LABELS.length;
        const startSample = frame * 320;
        frame += frameCount;
        const isLast = frame === total;
        yield {
          data,
          frameCount,
          vocabSize: LABELS.length,
          startSample,
          progress: { seconds: isLast ? total / 50 + 0.005 : frame / 50, rate: 1, chunk_length_s: 0 },
          ...(isLast && { warnings: ['a hole'] }),
        };
      }
    },
  };
}
