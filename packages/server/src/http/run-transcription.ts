/** A clip through the pool, as a request asks for it: for answers at once, streams and jobs alike. */
import type { EnginePool, ModelFacts } from '../engine/engine-pool.ts';
import type { JobProgress, TranscribedClip, TranscribedPart } from '../engine/transcription-job.ts';
import { toApiError, withoutFile } from './api-error.ts';
import { findModel } from './model-choice.ts';
import { type TranscriptionRequest, wantedUnits } from './transcription-request.ts';

export interface TranscriptionRun {
  /** Unique, of letters, digits, `-` and `_`. */
  readonly id: string;
  readonly file: string;
  readonly priority?: 'normal' | 'low' | undefined;
  readonly deadlineMilliseconds: number;
  readonly maxAudioSeconds: number | undefined;
  readonly signals: readonly AbortSignal[];
  readonly onPart?: ((part: TranscribedPart) => void) | undefined;
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
}

/**
 * The clip, with what its answer needs.
 * @throws ApiError
 */
export async function runTranscription(
  pool: EnginePool,
  request: TranscriptionRequest,
  run: TranscriptionRun,
): Promise<TranscribedClip> {
  const signal = AbortSignal.any([...run.signals]);
  const transcribe = (facts: ModelFacts | undefined): Promise<TranscribedClip> =>
    pool.transcribe({
      id: run.id,
      modelId: request.modelId,
      file: run.file,
      name: 'The file',
      priority: run.priority,
      signal,
      deadlineMilliseconds: run.deadlineMilliseconds,
      options: {
        ...wantedUnits(request, facts),
        hotwords: request.hotwords,
        maxSeconds: run.maxAudioSeconds,
      },
      onPart: run.onPart,
      onProgress: run.onProgress,
    });
  try {
    signal.throwIfAborted();
    const known = factsOf(pool, request);
    const clip = await transcribe(known).catch((error: unknown) => {
      // A model that was not loaded before shows only now what it knows.
      const facts = factsOf(pool, request);
      const isWrong = facts?.units === 'phonemes' && request.granularities.includes('word');
      if (known || !facts || isWrong || !isUnsupported(error)) throw error;
      return transcribe(facts);
    });
    signal.throwIfAborted();
    return clip;
  } catch (error) {
    throw withoutFile(toApiError(signal.aborted ? signal.reason : error), run.file);
  }
}

const factsOf = (pool: EnginePool, { modelId }: TranscriptionRequest): ModelFacts | undefined =>
  findModel(modelId, pool.models, { aliases: new Map(), modelForAnyName: undefined }).facts;

const isUnsupported = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'unsupported';
