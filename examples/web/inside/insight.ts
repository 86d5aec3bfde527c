/** One clip through the tiny model, with everything in between. */
import {
  argmaxRows,
  AutoModelForCTC,
  AutoProcessor,
  type ProgressCallback,
  type ModelForCTC,
  type Wav2Vec2Processor,
} from 'unispeech-webgpu';
import { BUNDLED_MODEL } from '../shared/catalog.ts';
import { type Audio, SAMPLE_RATE } from '../transcribe/audio.ts';
import { type FrameLetter, frameLetters } from './letters.ts';

/** Attention grows with the square of the length: this much is quick to compute and still legible. */
export const MAX_SECONDS = 12;

export interface Insight {
  readonly audio: Audio;
  readonly text: string;
  readonly frameCount: number;
  readonly secondsPerFrame: number;
  readonly channelCount: number;
  readonly headCount: number;
  readonly letters: readonly FrameLetter[];
  /** Before the first layer and after each: [frames, channels]. */
  readonly states: readonly Float32Array[];
  /** Of each layer: [heads, frames, frames]; rows sum to 1. */
  readonly attentions: readonly Float32Array[];
}

export interface InsightModel {
  readonly model: ModelForCTC;
  readonly processor: Wav2Vec2Processor;
}

export async function loadModel(report: ProgressCallback, signal: AbortSignal): Promise<InsightModel> {
  const processor = await AutoProcessor.from_pretrained(BUNDLED_MODEL.url, { signal });
  const options = { progress_callback: report, signal };
  return { processor, model: await AutoModelForCTC.from_pretrained(BUNDLED_MODEL.url, options) };
}

/** The beginning of longer audio. */
export function shorten(audio: Audio): Audio {
  if (audio.seconds <= MAX_SECONDS) return audio;
  return { ...audio, samples: audio.samples.slice(0, MAX_SECONDS * SAMPLE_RATE), seconds: MAX_SECONDS };
}

/** @throws UniSpeechError when the audio is too short or the device fails. */
export async function lookInside(
  { model, processor }: InsightModel,
  audio: Audio,
  signal: AbortSignal,
): Promise<Insight> {
  const inputs = await processor(audio.samples);
  const { logits, hidden_states, attentions } = await model({
    ...inputs,
    output_hidden_states: true,
    output_attentions: true,
    signal,
  });
  const { tokenizer } = processor;
  if (!tokenizer || !hidden_states || !attentions) throw new Error('the model lacks an output');
  const [, frameCount = 0, channelCount = 0] = hidden_states[0]?.dims ?? [];
  const ids = argmaxRows(logits.data, frameCount, logits.dims[2] ?? 0);
  return {
    audio,
    text: tokenizer.decode(ids),
    frameCount,
    secondsPerFrame: model.config.inputs_to_logits_ratio / SAMPLE_RATE,
    channelCount,
    headCount: attentions[0]?.dims[1] ?? 0,
    letters: frameLetters(ids, {
      blank: tokenizer.pad_token_id ?? -1,
      gap: tokenizer.word_delimiter_token_id ?? -1,
      textOf: (id) => tokenizer.convert_ids_to_tokens(id),
    }),
    states: hidden_states.map(({ data }) => data),
    attentions: attentions.map(({ data }) => data),
  };
}
