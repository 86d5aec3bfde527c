/** Any text for phonemes: scores, visemes, or one sentence. */
import { expect, test } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { readLexicon } from '../../src/cli/lexicon-file.ts';
import { parseExpected } from '../../src/phones/expected.ts';
import { pronunciation } from '../../src/phones/pronunciation.ts';
import { visemesOf, VISEMES } from '../../src/phones/visemes.ts';
import { Random } from '../fuzz/random.ts';
import { HOSTILE_TEXTS, hostileText } from '../helpers/hostile-texts.ts';
import { INFO, LABELS, sourceOf } from './made-up-source.ts';

/** Undefined where it is refused, in one sentence that names the code. */
function resultOrRefused<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof UniSpeechError)) throw error;
    expect(error.code).toBe('bad-input');
    return undefined;
  }
}

function expectVisemes(phoneme: string): void {
  const { visemes, unknown } = visemesOf(phoneme);
  expect(visemes.filter((viseme) => !VISEMES.includes(viseme))).toEqual([]);
  expect(visemes.length).toBeGreaterThan(0);
  expect(unknown.length).toBeLessThanOrEqual(phoneme.normalize('NFD').length);
}

test.each(HOSTILE_TEXTS)('%s: phonemes, words, lexicon and visemes in a moment', (_name, text) => {
  const begin = performance.now();
  resultOrRefused(() => parseExpected(text, INFO, undefined));
  resultOrRefused(() => parseExpected(text, INFO, () => 'a'));
  resultOrRefused(() => readLexicon(text));
  expectVisemes(text);
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test('300 texts of phonemes and pieces that do not belong together', async () => {
  let scoredCount = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = new Random(seed);
    const phoneme = (): string => random.pick(['a', 'o', 't', 'tʃ', 'ɛ\u0303', 'ʃ', 'l', '|', ' ']);
    const piece = (): string => (random.chance(0.05) ? hostileText(random, 2) : `${phoneme()} `);
    const expected = Array.from({ length: random.below(12) }, piece).join('');
    const frames = Array.from({ length: 40 }, () => random.pick(['_', ...LABELS.slice(4)])).join(' ');
    const scored = await pronunciation(sourceOf([frames]), '', expected).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'UniSpeechError', code: 'bad-input' });
    });
    if (!scored) continue;
    scoredCount += 1;
    for (const { score, gop } of [scored, ...scored.words, ...scored.phones])
      expect(score >= 0 && score <= 1 && gop <= 1e-9).toBe(true);
    expect(scored.words.at(-1)?.phones[1]).toBe(scored.phones.length);
  }
  expect(scoredCount).toBeGreaterThan(100);
});
