/** What a classifier says of audio: its likeliest labels. */
import { pipeline, type ProgressCallback } from 'unispeech-webgpu';
import { byId, make } from '../shared/dom.ts';
import { type Audio, SAMPLE_RATE } from './audio.ts';
import type { ModelChoice } from '../shared/model-field.ts';

/** Loads the model, shows the labels of one clip, and frees the model. @throws what `pipeline` and its call throw. */
export async function classifyAndShow(
  { location, dtype }: ModelChoice,
  { samples }: Audio,
  progress_callback: ProgressCallback,
  signal: AbortSignal,
): Promise<void> {
  const classify = await pipeline('audio-classification', location, { dtype, progress_callback, signal });
  try {
    const scores = await classify({ raw: samples, sampling_rate: SAMPLE_RATE }, { signal });
    const items = scores.map(({ label, score }) => make('li', {}, `${label}: ${(100 * score).toFixed(1)} %`));
    byId('label-list', HTMLElement).replaceChildren(...items);
    byId('labels', HTMLElement).hidden = false;
  } finally {
    await classify.dispose();
  }
}
