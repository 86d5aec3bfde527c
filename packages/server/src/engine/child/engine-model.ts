/** A model of an engine process: loaded, checked, with the queue that its clips share. */
import {
  type AutomaticSpeechRecognitionPipeline,
  type EmissionInfo,
  pipeline,
  type PretrainedOptions,
  type RecognitionQueue,
} from 'unispeech-webgpu';
import { summarizeModel } from 'unispeech-webgpu/doctor';
import type { ModelFacts, ServedModelOptions } from '../engine-pool.ts';
import type { BatchMessage, EngineLimits, FromEngine } from '../messages.ts';
import { checkDevice } from './check-device.ts';
import { keptBatch } from './kept-batch.ts';
import { tuneBatch } from './tune-batch.ts';

export interface EngineModel {
  readonly recognizer: AutomaticSpeechRecognitionPipeline;
  readonly queue: RecognitionQueue;
  readonly info: EmissionInfo;
  /** Whether texts are searched for with beams. */
  readonly searches: boolean;
}

/** Tells the front that it is loaded. @throws UniSpeechError; EngineError where the device does not pass its check. */
export async function loadEngineModel(
  model: ServedModelOptions,
  limits: EngineLimits,
  send: (message: FromEngine) => void,
): Promise<EngineModel> {
  const { id: modelId, location, dtype, targetLanguage, decoder } = model;
  const tellLife = seldom(() => send({ type: 'loading', modelId }));
  const recognizer = await pipeline('automatic-speech-recognition', location, {
    dtype: (dtype ?? null) as NonNullable<PretrainedOptions['dtype']> | null,
    target_lang: targetLanguage,
    decoder,
    progress_callback(progress) {
      if (progress.status !== 'warning') {
        tellLife();
        return;
      }
      if (progress.code === 'device-rebuilt') send({ type: 'device-lost' });
      // Damage of a clip is told by its own result.
      if (progress.code !== 'damaged-audio') send({ type: 'warning', message: progress.message });
    },
  });
  try {
    const info = await recognizer.emissionInfo();
    const speed = await checkDevice(recognizer, info.sampling_rate);
    const maxBatch = limits.maxBatch ?? (await measuredBatch(model, recognizer, info, send));
    const report = (batch: Omit<BatchMessage, 'type' | 'modelId' | 'waitingPieces'>): void =>
      send({ type: 'batch', modelId, waitingPieces: queue.waiting.pieces, ...batch });
    const queue = recognizer.queue({
      max_batch: maxBatch,
      max_batch_seconds: limits.maxBatchSeconds,
      batch_callback: ({ status, ids, piece_count, audio_seconds, padded_seconds, milliseconds = 0 }) =>
        report({
          status,
          ids,
          pieceCount: piece_count,
          audioSeconds: audio_seconds,
          paddedSeconds: padded_seconds,
          milliseconds,
        }),
    });
    const { capabilities } = recognizer.model.runner.context;
    const searches = recognizer.decoder.measures !== true;
    const facts = { ...(await factsOf(model, info, capabilities)), searches };
    send({ type: 'loaded', modelId, facts, adapter: capabilities.adapter, speed, maxBatch });
    return { recognizer, queue, info, searches };
  } catch (error) {
    await recognizer.dispose();
    throw error;
  }
}

/** As an earlier process has measured it, or this one does. */
function measuredBatch(
  options: ServedModelOptions,
  recognizer: AutomaticSpeechRecognitionPipeline,
  { sampling_rate }: EmissionInfo,
  send: (message: FromEngine) => void,
): Promise<number> {
  const { config, runner } = recognizer.model;
  const { adapter, store } = runner.tuning;
  const warn = (message: string): void => send({ type: 'warning', message });
  return keptBatch({ options, config: config.json, adapter, store, warn }, () =>
    tuneBatch(recognizer, sampling_rate),
  );
}

/** Calls `action` once a second at most. */
function seldom(action: () => void): () => void {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < 1000) return;
    last = now;
    action();
  };
}

async function factsOf(
  { location, dtype, targetLanguage }: ServedModelOptions,
  { sampling_rate, units }: EmissionInfo,
  capabilities: AutomaticSpeechRecognitionPipeline['model']['runner']['context']['capabilities'],
): Promise<Omit<ModelFacts, 'searches'>> {
  const { languages, quantizedDtype } = await summarizeModel(location, { capabilities });
  return {
    samplingRate: sampling_rate,
    units: units === 'phonemes' ? 'phonemes' : 'words',
    languages: targetLanguage === undefined ? languages : [targetLanguage],
    dtype: dtype ?? quantizedDtype ?? 'fp32',
  };
}
