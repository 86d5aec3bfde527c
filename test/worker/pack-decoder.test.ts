import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBeamDecoder } from '../../src/beam/create-decoder.ts';
import { LanguageModel } from '../../src/beam/language-model.ts';
import { packDecoder } from '../../src/worker/pack-decoder.ts';
import { arpaOf } from '../beam/vectors.ts';

beforeEach(() => void vi.stubGlobal('document', { baseURI: 'https://page.test/app/index.html' }));
afterEach(() => void vi.unstubAllGlobals());

const sent = (language_model: unknown): unknown => {
  const packed = structuredClone(packDecoder({ type: 'beam', alpha: 0.7, language_model }));
  expect(packed).toMatchObject({ type: 'beam', alpha: 0.7 });
  return (packed as { language_model: unknown }).language_model;
};

test('addresses of language models become those of the page', () => {
  expect(sent('lm.arpa')).toBe('https://page.test/app/lm.arpa');
  expect(sent('/models/lm.bin?v=1')).toBe('https://page.test/models/lm.bin?v=1');
  expect(sent(new URL('https://other.test/lm.arpa'))).toBe('https://other.test/lm.arpa');
  expect(sent('owner/name/lm.bin')).toBe('owner/name/lm.bin');
  const bytes = arpaOf('lm2');
  expect(sent(Uint8Array.from(bytes))).toEqual(Uint8Array.from(bytes));
  expect(sent(null)).toBeNull();
  for (const choice of [undefined, null, false, 'greedy']) expect(packDecoder(choice)).toBe(choice);
});

test('objects that decode, and models that are loaded, are refused', async () => {
  const language_model = await LanguageModel.load(arpaOf('lm2'));
  expect(() => packDecoder({ type: 'beam', language_model })).toThrow(
    'A loaded language model cannot be sent to a worker',
  );
  const decoder = await createBeamDecoder({});
  expect(() => packDecoder(decoder)).toThrow('A decoder cannot be sent to a worker');
});
