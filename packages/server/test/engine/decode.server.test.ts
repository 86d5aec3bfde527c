/** Decoding beside the front: its loop is free, and its memory does not grow with the file. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFolder, runNode } from '../../../../test/helpers/run-node.ts';
import { useEngineScripts } from '../helpers/engine-scripts.ts';

const scripts = useEngineScripts();

test('half an hour of MP3 is decoded while the loop of the front does other things', async () => {
  const folder = scripts.folder();
  const clip = readFileSync(path.join(repositoryFolder, 'test/audio/clips/yes-five.mp3'));
  const file = path.join(folder, 'long.mp3');
  // Joined files are one sound.
  writeFileSync(file, Buffer.concat(new Array<Buffer>(950).fill(clip)));
  const args = [scripts.of('probe'), file, scripts.of('silent'), path.join(folder, 'spool')];
  const { stdout, stderr, exitCode } = await runNode(args);
  expect(exitCode, stderr).toBe(0);
  const measured = JSON.parse(stdout) as Record<string, number>;
  expect(measured.audioSeconds).toBeGreaterThan(1700);
  // On an idle machine it was 16 ms and 23 ms at most; what other processes take counts here as well.
  expect(measured.usualMilliseconds).toBeLessThan(100);
  expect(measured.mostMilliseconds).toBeLessThan(1000);
  // Decoded, the sound has 110 MB.
  expect(measured.megabytes).toBeLessThan(320);
  console.log(measured);
}, 180_000);
