/** The heads that the engine knows, for what takes a checkpoint of any class. */
import type { Head } from './head.ts';
import { CTC_HEAD } from './ctc.ts';
import { NO_HEAD } from './none.ts';
import { PRE_TRAINING_HEAD } from './pre-training.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from './sequence-classification.ts';

const HEADS: readonly Head<unknown>[] = [CTC_HEAD, SEQUENCE_CLASSIFICATION_HEAD, PRE_TRAINING_HEAD];

/** The head of which a file holds a tensor; without any, none. */
export const headOf = (tensors: ReadonlyMap<string, unknown>): Head<unknown> =>
  HEADS.find(({ sizes }) => sizes.some(([, name]) => tensors.has(name))) ?? NO_HEAD;
