/**
 * `npm run bench -- decode`: how fast beam search decodes, beside pyctcdecode on the same logits, with the same language model. A control far from 1.00
 * says that the machine is busy.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messageOf } from '../../src/base/checks.ts';
import { createBeamDecoder } from '../../src/beam/create-decoder.ts';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { log, runSuite } from '../lib/run-suite.ts';
import { pairedRatio, spread } from '../lib/statistics.ts';
import { LABELS, makeArpa, makeLogits, makeWords } from './clips.ts';
import { type DecodeBenchOptions, HELP, parseOptions } from './options.ts';
import { PyctcdecodePeer } from './peer.ts';

/** As many as fit what people use for dictation of one field. */
const WORD_COUNT = 20_000;
const PAIR_COUNT = 100_000;

interface Timings {
  readonly own: number[];
  readonly control: number[];
  readonly peer: number[];
}

/** Milliseconds of every round, and how many texts of the peer's differ. */
async function measure(
  decode: () => readonly string[],
  peer: PyctcdecodePeer | undefined,
  rounds: number,
): Promise<Timings & { readonly differing: number }> {
  const times: Timings = { own: [], control: [], peer: [] };
  const timed = (into: number[]): Promise<void> => {
    const start = performance.now();
    decode();
    into.push(performance.now() - start);
    return Promise.resolve();
  };
  const texts = decode();
  const theirs = (await peer?.run())?.texts ?? texts;
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      () => timed(times.own),
      () => timed(times.control),
      async () => {
        if (peer) times.peer.push((await peer.run()).milliseconds);
      },
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  return { ...times, differing: theirs.filter((text, index) => text !== texts[index]).length };
}

async function bench({ seconds, clipCount, rounds, beamWidth, python }: DecodeBenchOptions): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'unispeech-decode-'));
  const words = makeWords(WORD_COUNT);
  const frameCount = seconds * 50;
  const vocabSize = LABELS.length;
  const clips = Array.from({ length: clipCount }, (_, clip) => makeLogits(words, seconds, 100 + clip));
  const clipFiles = clips.map((clip, index) => {
    const file = path.join(folder, `${index}.f32`);
    writeFileSync(file, clip);
    return file;
  });
  const arpaFile = path.join(folder, 'lm.arpa');
  writeFileSync(arpaFile, makeArpa(words, PAIR_COUNT));
  const rows = [
    [
      'what',
      'median ms',
      'least',
      'most',
      'times real time',
      'speed beside pyctcdecode',
      'control',
      'texts that differ',
    ],
  ];
  try {
    for (const { name, languageModel, margin } of [
      { name: 'without a language model', languageModel: undefined, margin: -10 },
      { name: 'with a language model', languageModel: arpaFile, margin: -10 },
      // The model leaves few beams within the default margin.
      { name: 'with a language model, beam_prune_logp -30', languageModel: arpaFile, margin: -30 },
    ]) {
      log(`${name}: ${clipCount} clips of ${seconds} s, beam ${beamWidth}, ${rounds} rounds`);
      // pyctcdecode charges an end that is a space; so must this.
      const decoder = await createBeamDecoder({
        labels: LABELS,
        language_model: languageModel,
        compat: true,
      });
      const jobFile = path.join(folder, 'job.json');
      const job = {
        labels: LABELS,
        clips: clipFiles,
        beam_width: beamWidth,
        beam_prune_logp: margin,
        language_model: languageModel ?? null,
      };
      writeFileSync(jobFile, JSON.stringify(job));
      const peer = await PyctcdecodePeer.start(python, jobFile).catch((error: unknown) => {
        log(`Without pyctcdecode: ${messageOf(error)}. Give --python PATH, one with pyctcdecode and kenlm.`);
        return undefined;
      });
      const decode = (): readonly string[] =>
        clips.map(
          (data) =>
            decoder.decode_beams(
              { data, frameCount, vocabSize },
              { beam_width: beamWidth, beam_prune_logp: margin },
            )[0]?.text ?? '',
        );
      const { own, control, peer: theirs, differing } = await measure(decode, peer, rounds);
      peer?.stop();
      const cells = (values: readonly number[]): string[] => {
        const { median, min, max } = spread(values);
        const realTime = (1000 * seconds * clipCount) / median;
        return [...[median, min, max].map((value) => value.toFixed(0)), realTime.toFixed(0)];
      };
      rows.push([
        name,
        ...cells(own),
        peer ? pairedRatio(theirs, own).median.toFixed(1) : '–',
        pairedRatio(control, own).median.toFixed(2),
        peer ? String(differing) : '–',
      ]);
      if (peer) rows.push([`pyctcdecode, ${name} (${peer.version})`, ...cells(theirs), '1.0', '–', '–']);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(
    `${JSON.stringify(readEnvironment())}\n\n${markdownTable(rows, [1, 2, 3, 4, 5, 6, 7])}\n`,
  );
  return 0;
}

await runSuite(HELP, parseOptions, bench);
