/** Heads that cannot follow the adapter of `add_adapter`, as in the reference. */
import { UniSpeechError } from '../../base/errors.ts';
import type { EncoderConfig } from '../encoder/config.ts';

/**
 * @param what the head computes.
 * @throws UniSpeechError `unsupported` for a model with an adapter.
 */
export function refuseAdapter({ add_adapter }: EncoderConfig, what: string): void {
  if (!add_adapter) return;
  throw new UniSpeechError(
    'unsupported',
    `config.json: "add_adapter" is true, but there is no ${what} behind an adapter.`,
  );
}
