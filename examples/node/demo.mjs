/** `npm run demo`: transcribes the sample clips with the bundled model, on whatever adapter this machine has. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pipeline } from 'unispeech-webgpu';
import { terminalProgress } from '../../dist/terminal-progress.js';
import { ensureVulkan } from '../../scripts/software-vulkan.mjs';

const examples = new URL('../', import.meta.url);
const clips = readFileSync(new URL('audio/MANIFEST.tsv', examples), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t'))
  .map(([file, , , , text]) => ({ file, text }));
const seconds = (milliseconds) => (milliseconds / 1000).toFixed(2);

/** Resolves to the result and how long it took. */
async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - start };
}

async function main() {
  ensureVulkan();
  const progress = terminalProgress();
  const model = fileURLToPath(new URL('models/unispeech-tiny-en', examples));
  const loading = await timed(() =>
    pipeline('automatic-speech-recognition', model, { progress_callback: progress.callback ?? null }),
  ).finally(progress.clear);
  const recognize = loading.result;
  try {
    const warmUp = await timed(() => recognize(new Float32Array(16_000)));
    console.log(`Adapter    ${recognize.model.explain([16_000]).adapter}`);
    console.log(`Loading    ${seconds(loading.milliseconds)} s: weights read and uploaded, shaders compiled`);
    console.log(
      `First run  ${seconds(warmUp.milliseconds)} s, on 1 s of silence: drivers finish compiling here\n`,
    );

    const width = Math.max(...clips.map(({ text }) => text.length));
    console.log(`${'text'.padEnd(width)}  audio s   run s  run/audio  file`);
    const wrong = [];
    for (const { file, text: expected } of clips) {
      const path = fileURLToPath(new URL(`audio/${file}`, examples));
      // The run time is all that happens from the file to the text, decoding and resampling included.
      const { result, milliseconds } = await timed(() => recognize(path, { return_timing: true }));
      const audio = result.timing.audio_seconds;
      const columns = [
        result.text.padEnd(width),
        audio.toFixed(2).padStart(7),
        seconds(milliseconds).padStart(6),
        (milliseconds / 1000 / audio).toFixed(3).padStart(9),
        file,
      ];
      console.log(columns.join('  '));
      if (result.text !== expected) wrong.push({ file, expected, found: result.text });
    }
    for (const { file, expected, found } of wrong)
      console.error(`${file}: the text is "${found}", expected "${expected}"`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    await recognize.dispose();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error && error.name === 'UniSpeechError' ? error.message : error);
  process.exitCode = 1;
}
