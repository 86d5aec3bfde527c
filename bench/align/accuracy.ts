/** Edges of words beside those by which clips were joined. */
import { align } from '../../src/align/align.ts';
import type { BoundaryMode } from '../../src/align/align-options.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import type { EmissionPart, EmissionSource } from '../../src/pipelines/emissions.ts';
import type { JoinedClip } from '../../test/helpers/joined-words.ts';
import { median } from '../lib/statistics.ts';

export const EDGE_RULES = ['frames', 'extended', 'audio'] as const satisfies readonly BoundaryMode[];

/** Milliseconds within which shares of edges are counted. */
export const EDGE_LIMITS = [20, 50, 100] as const;

/** How far edges are from the truth. */
export interface EdgeErrors {
  /** Absolute, in milliseconds. */
  readonly mean: number;
  readonly median: number;
  /** The shares within `EDGE_LIMITS`. */
  readonly within: readonly number[];
  readonly edgeCount: number;
}

/** Differences in seconds, of starts and ends. */
export type ClipErrors = Readonly<Record<(typeof EDGE_RULES)[number], readonly number[]>>;

export function edgeErrors(seconds: readonly number[]): EdgeErrors {
  const errors = seconds.map((error) => Math.abs(error) * 1000);
  return {
    mean: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    median: median(errors),
    within: EDGE_LIMITS.map((limit) => errors.filter((error) => error <= limit).length / errors.length),
    edgeCount: errors.length,
  };
}

const errorsOf = (
  words: readonly (readonly [start: number, end: number])[],
  { edges }: JoinedClip,
): number[] =>
  words.flatMap(([start, end], index) => [
    start - (edges[index]?.[0] ?? NaN),
    end - (edges[index]?.[1] ?? NaN),
  ]);

/** Aligns a clip by every rule; the model runs once. */
export async function clipErrors(recognizer: EmissionSource, clip: JoinedClip): Promise<ClipErrors> {
  const { samples, text } = clip;
  const parts: EmissionPart[] = [];
  for await (const part of recognizer.emissions(samples, { return_samples: true })) parts.push(part);
  const again: EmissionSource = {
    emissionInfo: () => recognizer.emissionInfo(),
    async *emissions() {
      await Promise.resolve();
      yield* parts;
    },
  };
  const byRule = async (boundaries: BoundaryMode): Promise<number[]> => {
    const { words } = await align(again, samples, text, { boundaries });
    return errorsOf(
      words.map(({ start, end }) => [start, end]),
      clip,
    );
  };
  return {
    frames: await byRule('frames'),
    extended: await byRule('extended'),
    audio: await byRule('audio'),
  };
}

/** The same of the word times of a recognition; undefined where it reads other words. */
export async function greedyErrors(
  recognizer: AutomaticSpeechRecognitionPipeline,
  clip: JoinedClip,
): Promise<readonly number[] | undefined> {
  const { chunks = [] } = await recognizer(clip.samples, { return_timestamps: 'word' });
  const read = chunks.map((chunk) => chunk.text).join(' ');
  if (read.toLowerCase() !== clip.text.toLowerCase()) return undefined;
  return errorsOf(
    chunks.map(({ timestamp }) => timestamp),
    clip,
  );
}
