/** Any text beside any audio: an alignment that holds together and that every format takes, or one sentence. */
import { expect, test } from 'vitest';
import { align } from '../../src/align/align.ts';
import type { AlignOptions } from '../../src/align/align-options.ts';
import type { Alignment } from '../../src/align/alignment.ts';
import { UniSpeechError } from '../../src/base/errors.ts';
import { toAudacityLabels } from '../../src/captions/audacity.ts';
import { toCtm } from '../../src/captions/ctm.ts';
import { toEaf } from '../../src/captions/eaf.ts';
import { readTextGrid } from '../../src/captions/read-textgrid.ts';
import { toSrt } from '../../src/captions/srt.ts';
import { toTextGrid } from '../../src/captions/to-textgrid.ts';
import { toVtt } from '../../src/captions/vtt.ts';
import type { EmissionSource } from '../../src/pipelines/emissions.ts';
import { Random } from '../fuzz/random.ts';
import { HOSTILE_TEXTS, hostileText } from '../helpers/hostile-texts.ts';
import { madeUpInfo } from './helpers.ts';

const info = madeUpInfo(['<pad>', '|', ...Array.from("abcdefghijklmnopqrstuvwxyz'")], { word_delimiter: 1 });

/** Noise, in which anything may be heard. */
function noise(random: Random, frameCount: number): EmissionSource {
  const vocabSize = info.labels.length;
  return {
    emissionInfo: () => Promise.resolve(info),
    async *emissions() {
      await Promise.resolve();
      const samples = Float32Array.from({ length: frameCount * 320 + 80 }, () => random.next() ** 8);
      yield {
        ...{ frameCount, vocabSize, startSample: 0, samples },
        data: Float32Array.from({ length: frameCount * vocabSize }, () => 9 * random.next()),
        progress: { seconds: samples.length / 16_000, rate: 1, chunk_length_s: 30 },
      };
    },
  };
}

/** Undefined where it is refused, in one sentence. */
async function alignedOrRefused(
  source: EmissionSource,
  text: string,
  options: AlignOptions,
): Promise<Alignment | undefined> {
  try {
    return await align(source, 'audio', text, options);
  } catch (error) {
    if (!(error instanceof UniSpeechError)) throw error;
    expect(error.code).toMatch(/^(too-short|unknown-character)$/);
    return undefined;
  }
}

function expectWhole({ text, words, tokens, utterances, unaligned, duration }: Alignment): void {
  expect(words.map((word) => word.text).join('')).toBe(text.replace(/\p{White_Space}/gu, ''));
  const isPlaced = ({ start, end, score }: Alignment['words'][number], index: number): boolean =>
    start >= (words[index - 1]?.start ?? 0) &&
    end >= start &&
    end <= duration &&
    (score === null || (score >= 0 && score <= 1));
  expect(words.filter((word, index) => !isPlaced(word, index))).toEqual([]);
  const isCut = (part: { text: string; char_start: number; char_end: number }): boolean =>
    text.slice(part.char_start, part.char_end) === part.text;
  expect([...words, ...utterances, ...unaligned].filter((part) => !isCut(part))).toEqual([]);
  const isInWord = ({ word, char_start: from, char_end: to }: Alignment['tokens'][number]): boolean => {
    const { char_start: start = 0, char_end: end = text.length } = words[word ?? -1] ?? {};
    return from >= start && to <= end;
  };
  expect(tokens.filter((token) => !isInWord(token))).toEqual([]);
  expect(utterances.reduce((sum, { word_count: count }) => sum + count, 0)).toBe(words.length);
}

/** Every format takes the words; the files with a grammar are read back. */
function expectFiles({ words, duration }: Alignment): void {
  const [tier] = readTextGrid(toTextGrid({ words }, { duration_s: duration })).tiers;
  const spoken = tier && 'intervals' in tier ? tier.intervals.map(({ text }) => text) : [];
  const letters = (texts: readonly string[]): string => texts.join('').replace(/[\s\p{Cc}]/gu, '');
  expect(letters(spoken)).toBe(letters(words.map(({ text }) => text)));
  expect(toSrt({ words })).not.toContain('\n\n\n');
  const cues = toVtt({ words }, { karaoke: true }).split('\n\n').slice(1);
  expect(cues.filter((cue) => cue.match(/-->/g)?.length !== 1)).toEqual([]);
  const eaf = toEaf({ words });
  expect(eaf).not.toMatch(/\p{Cs}/u);
  expect(eaf).not.toContain('\0');
  const lineCount = words.length + 1;
  expect(toAudacityLabels({ words }).split('\n').length).toBeLessThanOrEqual(lineCount);
  // White space divides the fields of CTM, and nothing else may stand for control characters.
  if (!words.some(({ text }) => /[\s\p{Cc}]/u.test(text)))
    expect(toCtm({ words }, { uri: 'a' }).split('\n')).toHaveLength(lineCount);
}

test.each(HOSTILE_TEXTS)('%s: an alignment or a sentence, in a moment', async (_name, text) => {
  const begin = performance.now();
  const aligned = await alignedOrRefused(noise(new Random(1), 500), text, { unknown: 'skip' });
  if (aligned) expectWhole(aligned);
  if (aligned) expectFiles(aligned);
  expect(performance.now() - begin).toBeLessThan(10_000);
});

test('200 texts of pieces that do not belong together', async () => {
  let alignedCount = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = new Random(seed);
    const text = hostileText(random, 30);
    const aligned = await alignedOrRefused(noise(random, 20 + random.below(100)), text, {
      unknown: random.pick(['star', 'skip', 'error']),
      star: random.pick(['none', 'edges', 'utterances']),
      boundaries: random.pick(['frames', 'extended', 'audio']),
      utterances: random.pick(['sentences', 'lines']),
      search: random.pick(['exact', 'banded']),
    });
    if (!aligned) continue;
    alignedCount += 1;
    expectWhole(aligned);
    expectFiles(aligned);
  }
  expect(alignedCount).toBeGreaterThan(80);
});
