/** Files of a batch through a pool whose engine follows a script: what the pool lacks is waited for. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readItems } from '../../src/batch/batch-item.ts';
import { engineTranscriber } from '../../src/batch/engine-transcriber.ts';
import { LocalSource } from '../../src/batch/local-source.ts';
import { runFiles } from '../../src/batch/run-files.ts';
import { createEnginePool } from '../../src/engine/create-pool.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';
import { writeWav } from '../helpers/wav-file.ts';

const scripts = useEngineScripts();

test('a batch waits for room on the disk, where a client would be refused', async () => {
  const folder = scripts.folder();
  const [input, out] = [path.join(folder, 'in'), path.join(folder, 'out')];
  mkdirSync(input);
  // 640,000 bytes each when it is decoded. The later ones are asked for when the disk is full.
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  for (const name of names) writeWav(input, `${name}.wav`, new Float32Array(160_000));
  const startsFile = path.join(folder, 'starts');
  writeFileSync(startsFile, '');
  process.env.UNISPEECH_TEST_SCRIPT = JSON.stringify({ startsFile, answerMilliseconds: 500 });
  const pool = createEnginePool({
    models: [{ id: 'tiny', location: 'nowhere' }],
    spoolFolder: path.join(folder, 'clips'),
    childModule: scripts.of('scripted'),
    maxSpoolBytes: 700_000,
  });
  onTestFinished(() => pool.stop(0));
  await pool.start();
  await runFiles({
    source: new LocalSource(readItems(input), 'content'),
    transcriber: engineTranscriber(pool, 'tiny'),
    outFolder: out,
    model: { digest: 'm', dtype: 'fp32' },
    concurrency: 4,
    signal: new AbortController().signal,
    // Less than one of them takes.
    awayMilliseconds: 100,
  });
  expect(readdirSync(out).sort()).toEqual(names.map((name) => `${name}.wav.json`));
});
