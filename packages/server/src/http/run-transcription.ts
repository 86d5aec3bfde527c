/** A clip through the pool, as a request asks for it: for answers at once, streams and jobs alike. */
import type { EnginePool, ServedModel } from '../engine/engine-pool.ts';
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
  const transcribe = (units: 'words' | 'phonemes'): Promise<TranscribedClip> =>
    pool.transcribe({
      id: run.id,
      modelId: request.modelId,
      file: run.file,
      name: 'The file',
      priority: run.priority,
      signal,
      deadlineMilliseconds: run.deadlineMilliseconds,
      options: { ...wantedUnits(request, units), cut: request.cut, maxSeconds: run.maxAudioSeconds },
      onPart: run.onPart,
      onProgress: run.onProgress,
    });
  try {
    signal.throwIfAborted();
    const clip = await transcribe(modelOf(pool, request).facts?.units ?? 'words').catch((error: unknown) => {
      // A model that was not loaded before shows only now that it knows no words.
      const units = modelOf(pool, request).facts?.units;
      if (units !== 'phonemes' || request.granularities.includes('word') || !isUnsupported(error))
        throw error;
      return transcribe(units);
    });
    signal.throwIfAborted();
    return clip;
  } catch (error) {
    throw withoutFile(toApiError(signal.aborted ? signal.reason : error), run.file);
  }
}

const modelOf = (pool: EnginePool, { modelId }: TranscriptionRequest): ServedModel =>
  findModel(modelId, pool.models, { aliases: new Map(), modelForAnyName: undefined });

const isUnsupported = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'unsupported';
