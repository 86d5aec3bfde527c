/** The heads that models load by their names, and the head of a file of any class. */
import type { Head } from './head.ts';
import { CONTRASTIVE_HEAD } from './contrastive-pre-training.ts';
import { CTC_HEAD } from './ctc.ts';
import { FRAME_CLASSIFICATION_HEAD } from './frame-classification.ts';
import { NO_HEAD, STATES_HEAD } from './none.ts';
import { PRE_TRAINING_HEAD } from './pre-training.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from './sequence-classification.ts';
import { SPEAKER_PRE_TRAINING_HEAD } from './speaker-pre-training.ts';
import { X_VECTOR_HEAD } from './x-vector.ts';

/** By the names that the classes of models use. */
export const HEADS = {
  none: NO_HEAD,
  states: STATES_HEAD,
  'sequence-classification': SEQUENCE_CLASSIFICATION_HEAD,
  'frame-classification': FRAME_CLASSIFICATION_HEAD,
  'x-vector': X_VECTOR_HEAD,
  'pre-training': PRE_TRAINING_HEAD,
  'contrastive-pre-training': CONTRASTIVE_HEAD,
  'speaker-pre-training': SPEAKER_PRE_TRAINING_HEAD,
} as const;

/** Heads in the order in which files are searched for them. A head follows those whose files hold the tensor by which its own are known. */
const SEARCHED: readonly Head<unknown>[] = [
  CTC_HEAD,
  X_VECTOR_HEAD,
  SEQUENCE_CLASSIFICATION_HEAD,
  FRAME_CLASSIFICATION_HEAD,
  PRE_TRAINING_HEAD,
  CONTRASTIVE_HEAD,
];

/** Files of UniSpeech-SAT's pre-training hold a quantizer that the reference never runs. */
const OF_SPEAKER_PRE_TRAINING = 'label_embeddings_concat';

/** The head of a file by the tensors that it holds; without any of a head, none. */
export const headOf = (tensors: ReadonlyMap<string, unknown>): Head<unknown> =>
  tensors.has(OF_SPEAKER_PRE_TRAINING)
    ? SPEAKER_PRE_TRAINING_HEAD
    : (SEARCHED.find(({ sizes: [known] }) => known !== undefined && tensors.has(known[1])) ?? NO_HEAD);
