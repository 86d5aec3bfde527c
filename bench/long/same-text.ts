/** The text of a long file with `cut: 'fixed'`, beside that of transformers' chunked pipeline. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../src/base/checks.ts';
import { hoursOfWav } from '../lib/looped-audio.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log } from '../lib/run-suite.ts';
import type { LongOptions } from './options.ts';
import { MODEL, startRecognizer, type TextRun } from './recognizer-worker.ts';

export interface TextResult {
  readonly own: TextRun;
  readonly peer: TextRun & { readonly versions: string };
}

/** @returns undefined, and says why, where there is no such Python, or it lacks a package. */
export async function measureTexts(options: LongOptions): Promise<TextResult | undefined> {
  const { hours, chunkSeconds, python } = options;
  const file = hoursOfWav(hours);
  log(`text: ${hours} h in pieces of ${chunkSeconds} s, transformers`);
  let peer: TextResult['peer'];
  try {
    const args = ['bench/long/transformers_peer.py', MODEL, file, String(chunkSeconds)];
    const { stdout } = await promisify(execFile)(python, args, { maxBuffer: 2 ** 28 });
    peer = JSON.parse(stdout) as TextResult['peer'];
  } catch (error) {
    const reason = messageOf(error).trim().split('\n').at(-1) ?? '';
    log(`Without transformers: ${reason}. Give --python PATH, one with transformers and torch.`);
    return undefined;
  }
  log('the same, unispeech-webgpu');
  const worker = startRecognizer();
  try {
    await worker.request('load', undefined);
    return { own: await worker.request('text', { file, chunkSeconds }), peer };
  } finally {
    await worker.stop();
  }
}

/** How many words stand at another place than in the other text, or where texts of different length end. */
function differingWords(a: string, b: string): number {
  const [wordsOfA, wordsOfB] = [a.split(' '), b.split(' ')];
  const count = Math.max(wordsOfA.length, wordsOfB.length);
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => wordsOfA[index] !== wordsOfB[index],
  ).length;
}

export function textTable({ hours, chunkSeconds }: LongOptions, { own, peer }: TextResult): string {
  const row = (name: string, { milliseconds, text }: TextRun, verdict: string): string[] => [
    name,
    ((hours * 3600 * 1000) / milliseconds).toFixed(1),
    String(text.split(' ').length),
    verdict,
  ];
  const verdict =
    own.text === peer.text ? 'the same text' : `${differingWords(own.text, peer.text)} words DIFFER`;
  return markdownTable(
    [
      [`${hours} h in pieces of ${chunkSeconds} s`, 'seconds of audio per second', 'words', ''],
      row(peer.versions, peer, ''),
      row("unispeech-webgpu, cut: 'fixed'", own, verdict),
    ],
    [1, 2],
  );
}
