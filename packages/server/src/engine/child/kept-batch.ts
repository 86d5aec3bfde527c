/** The measured size of batches, on the disk beside what the engine measures itself: a server that is started again need not measure it again. */
import { createHash } from 'node:crypto';
import { VERSION } from 'unispeech-webgpu/doctor';
import type { ServedModelOptions } from '../engine-pool.ts';
import { BATCH_RULE, MOST_PIECES } from './tune-batch.ts';

/** What of the engine's store for measurements is used. It writes a file whole or not at all, so two servers may share it. */
export interface BatchStore {
  /** Undefined if there is none, or none that can be read. */
  readonly read: (name: string) => Promise<string | undefined>;
  /** Gives the place. */
  readonly write: (name: string, text: string) => Promise<string>;
}

export interface MeasuredModel {
  readonly options: ServedModelOptions;
  /** Its config.json, which tells models of one location apart. */
  readonly config: unknown;
  /** All that the runtime tells of the adapter: its driver, features and limits. */
  readonly adapter: string;
  readonly store: BatchStore | undefined;
  readonly warn: (message: string) => void;
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** One for each way in which a model is served on an adapter. Locations may hold passwords, so their digest stands for them. */
function nameOf({ adapter, options }: MeasuredModel): string {
  const { location, dtype, targetLanguage, decoder } = options;
  return `batch-${digest([adapter, location, dtype, targetLanguage, decoder]).slice(0, 32)}`;
}

/** A text with another version, rule or model is of no use, so it is replaced. */
const textOf = (maxBatch: number, { config }: MeasuredModel): string =>
  JSON.stringify({ version: VERSION, rule: BATCH_RULE, config: digest(config), maxBatch }, undefined, 2);

/** @returns undefined where the text is damaged, outdated or foreign. */
function readText(text: string, model: MeasuredModel): number | undefined {
  try {
    const { maxBatch } = JSON.parse(text) as { readonly maxBatch: number };
    const isSize = Number.isInteger(maxBatch) && maxBatch >= 1 && maxBatch <= MOST_PIECES;
    return isSize && textOf(maxBatch, model) === text ? maxBatch : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The most pieces of a batch, as it is kept; otherwise `measure` says it, and it is kept. That it cannot be is a warning.
 * @throws the errors of `measure`.
 */
export async function keptBatch(model: MeasuredModel, measure: () => Promise<number>): Promise<number> {
  const { store, options, warn } = model;
  const name = nameOf(model);
  const text = await store?.read(name);
  const known = text === undefined ? undefined : readText(text, model);
  if (known !== undefined) return known;
  const maxBatch = await measure();
  try {
    const place = await store?.write(name, textOf(maxBatch, model));
    if (text !== undefined)
      warn(`${place} was damaged or outdated: how many pieces share a batch was measured again.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    warn(
      `How many pieces of ${JSON.stringify(options.id)} share a batch cannot be kept, so the next start measures it again: ${reason}. Set UNISPEECH_CACHE to a writable folder.`,
    );
  }
  return maxBatch;
}
