/** Which hidden states a head weighs when the caller does not say. */
import { expect, test } from 'vitest';
import { conventionOf } from '../../src/speech/core/hidden-states-convention.ts';
import { HubertConfig } from '../../src/speech/families/hubert.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';

const WEIGHTED = { do_stable_layer_norm: true, use_weighted_layer_sum: true };
const HEAD = SEQUENCE_CLASSIFICATION_HEAD;

function chosen(json: object, head = HEAD as typeof HEAD | typeof CTC_HEAD, wanted?: 'current' | 'classic') {
  const warnings: string[] = [];
  const warn = (code: string, message: string) => warnings.push(`${code}: ${message}`);
  return { convention: conventionOf(wanted, HubertConfig.fromJson(json), head, warn), warnings };
}

test.each([undefined, '4.9.2', '5.16.0', '5.17.0.dev0', '5.5.0.dev0', '4.18.0', 'none'])(
  'is classic, with one warning, in a model that transformers %s saved',
  (transformers_version) => {
    const { convention, warnings } = chosen({ ...WEIGHTED, transformers_version });
    expect(convention).toBe('classic');
    expect(warnings).toEqual([
      expect.stringMatching(
        /^classic-hidden-states: This head weighs hidden states, and .* 'classic' to decide it\.$/,
      ),
    ]);
  },
);

test.each(['5.17.0', '5.18.0', '5.18.0.dev0', '5.20.1', '6.0.0.dev0', '6.0.0', '10.1.0'])(
  'is current in a model that transformers %s saved',
  (transformers_version) => {
    expect(chosen({ ...WEIGHTED, transformers_version })).toEqual({ convention: 'current', warnings: [] });
  },
);

test('is what the caller or config.json says', () => {
  const none: readonly string[] = [];
  expect(chosen(WEIGHTED, HEAD, 'current')).toEqual({ convention: 'current', warnings: none });
  expect(chosen(WEIGHTED, HEAD, 'classic')).toEqual({ convention: 'classic', warnings: none });
  const tied = { ...WEIGHTED, tie_last_hidden_states: true };
  expect(chosen(tied)).toEqual({ convention: 'classic', warnings: none });
  expect(chosen(tied, HEAD, 'current')).toEqual({ convention: 'current', warnings: none });
  expect(chosen({ ...WEIGHTED, tie_last_hidden_states: false })).toEqual({
    convention: 'current',
    warnings: none,
  });
});

test('is current where nothing is weighed, or nothing depends on it', () => {
  const current = { convention: 'current', warnings: [] };
  expect(chosen({ ...WEIGHTED, use_weighted_layer_sum: false })).toEqual(current);
  expect(chosen({ ...WEIGHTED, do_stable_layer_norm: false })).toEqual(current);
  expect(chosen(WEIGHTED, CTC_HEAD)).toEqual(current);
});
