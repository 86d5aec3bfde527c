/** The demo clips joined to one longer than a piece: its text in pieces, with each rule for where they are joined, beside its text whole. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { joinSamples } from '../../src/audio/channels.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { decodeAudio, pipeline } from '../../src/index.ts';
import { score } from '../../src/score/index.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import { MODEL } from './recognizer-worker.ts';

const CLIPS = path.resolve('examples/audio');
const ORDER_COUNT = 3;
const CHUNK_SECONDS = 15;
const READS = {
  whole: { chunk_length_s: 0 },
  "cut: 'quiet'": { chunk_length_s: CHUNK_SECONDS, cut: 'quiet' },
  "cut: 'fixed'": { chunk_length_s: CHUNK_SECONDS, cut: 'fixed' },
} as const;
type CutRead = keyof typeof READS;

export interface CutCounts {
  readonly read: string;
  /** Substituted, missing and additional ones. */
  readonly wordsUnlikeWhole: number;
  readonly wrongWords: number;
}

interface Clip {
  readonly text: string;
  readonly samples: Float32Array;
}

async function readClips(): Promise<readonly Clip[]> {
  const [, ...lines] = readFileSync(path.join(CLIPS, 'MANIFEST.tsv'), 'utf8').trim().split('\n');
  return Promise.all(
    lines.map(async (line) => {
      const [file = '', , , , text = ''] = line.split('\t');
      const blocks: Float32Array[] = [];
      for await (const block of decodeAudio(path.join(CLIPS, file))) blocks.push(block);
      return { text, samples: joinSamples(blocks) };
    }),
  );
}

/** The order of the list, then others, by a seed. */
function ordersOf(clips: readonly Clip[]): readonly (readonly Clip[])[] {
  const random = new SeededRandom(1);
  return Array.from({ length: ORDER_COUNT }, (_, order) =>
    order === 0
      ? clips
      : clips
          .map((clip) => ({ clip, key: random.uniform() }))
          .sort((a, b) => a.key - b.key)
          .map(({ clip }) => clip),
  );
}

const errorsOf = (reference: string, hypothesis: string): number => {
  const { substitutions, deletions, insertions } = score(reference, hypothesis);
  return substitutions + deletions + insertions;
};

export async function countCuts(): Promise<readonly CutCounts[]> {
  const recognize = await pipeline('asr', MODEL, { tune: 'off' });
  try {
    const texts: { readonly said: string; readonly by: Readonly<Record<CutRead, string>> }[] = [];
    for (const clips of ordersOf(await readClips())) {
      log(`cuts: order ${texts.length + 1} of ${ORDER_COUNT}`);
      const samples = joinSamples(clips.map((clip) => clip.samples));
      const by = { whole: '', "cut: 'quiet'": '', "cut: 'fixed'": '' };
      for (const read of Object.keys(by) as CutRead[])
        by[read] = (await recognize(samples, READS[read])).text;
      texts.push({ said: clips.map(({ text }) => text).join(' '), by });
    }
    const sum = (count: (text: (typeof texts)[number]) => number): number =>
      texts.reduce((total, text) => total + count(text), 0);
    return (Object.keys(READS) as CutRead[]).map((read) => ({
      read,
      wordsUnlikeWhole: sum(({ by }) => errorsOf(by.whole, by[read])),
      wrongWords: sum(({ said, by }) => errorsOf(said, by[read])),
    }));
  } finally {
    await recognize.dispose();
  }
}

export const cutsTable = (counts: readonly CutCounts[]): string =>
  markdownTable(
    [
      ['read', 'words that differ from the uncut text', 'wrong words'],
      ...counts.map(({ read, wordsUnlikeWhole, wrongWords }) => [
        read,
        String(wordsUnlikeWhole),
        String(wrongWords),
      ]),
    ],
    [1, 2],
  );
