/** The heads that the engine knows, for what takes a checkpoint of any class. */
import type { Head } from './head.ts';
import { CTC_HEAD } from './ctc.ts';
import { NO_HEAD } from './none.ts';
import type { EncoderConfig } from '../encoder/config.ts';

const HEADS: readonly Head<unknown>[] = [CTC_HEAD];

/** The head of which a file holds a tensor; without any, none. */
export function headOf(config: EncoderConfig, tensors: ReadonlyMap<string, unknown>): Head<unknown> {
  const isThere = (head: Head<unknown>): boolean =>
    head.layout(config).some(({ sources }) => sources.some(({ name }) => tensors.has(name)));
  return HEADS.find(isThere) ?? NO_HEAD;
}
