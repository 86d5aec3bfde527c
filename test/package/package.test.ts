/** The package as its users get it: what is in it, that it can be imported, and that its types stand on their own. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILD_TIMEOUT_MS, copyBuiltPackage } from '../helpers/built-package.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Below the root, so that dependencies are found; not `dist` itself, which may be in use.
const folder = path.join(root, '.cache', `package-test-${process.pid}`);
const node = (args: readonly string[], cwd: string): string =>
  execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: 'pipe' });

beforeAll(() => copyBuiltPackage(folder, { types: true }), BUILD_TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file that package.json points to. */
function targets(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(targets) : [];
}

test('has every file that package.json names', () => {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    exports: unknown;
    bin: unknown;
  };
  const files = [...targets(manifest.exports), ...targets(manifest.bin)];
  expect(files).toEqual(
    expect.arrayContaining(['./dist/types/src/index.d.ts', './dist/unispeech.js', './dist/worker-host.js']),
  );
  for (const file of files) expect(existsSync(path.join(folder, file)), file).toBe(true);
});

test('is packed without sources and tests', () => {
  const list = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const [packed] = JSON.parse(list) as { files: { path: string }[] }[];
  const files = packed?.files.map((file) => file.path) ?? [];
  expect(files).toEqual(expect.arrayContaining(['package.json', 'dist/node.js', 'dist/cli.js']));
  expect(files.filter((file) => !file.startsWith('dist/'))).toEqual(['package.json']);
});

test('has no fault that publint knows', { timeout: 120_000 }, () => {
  expect(node([path.join(root, 'node_modules/publint/src/cli.js'), folder, '--strict'], root)).toContain(
    'All good!',
  );
});

test('has types at every entry, in all ways that ES modules are found', { timeout: 120_000 }, () => {
  const pack = ['pack', '--ignore-scripts', '--silent'];
  const file = execFileSync('npm', pack, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }).trim();
  const attw = path.join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  // Ends with an exit code, and so throws, where an entry has a problem.
  const report = node([attw, file, '--profile', 'esm-only', '--format', 'json'], folder);
  const { analysis } = JSON.parse(report) as { analysis: { entrypoints: object } };
  const { exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    exports: object;
  };
  expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(exports));
});

/** What Node gets from an entry. */
function exportsOf(entry: string): string[] {
  const script = `console.log(Object.keys(await import('${entry}')).sort().join(' '))`;
  return node(['--input-type=module', '-e', script], folder).trim().split(' ');
}

test('can be imported by its own name, and exports what is public', () => {
  expect(exportsOf('unispeech-webgpu')).toEqual([
    'AudioClassificationPipeline',
    'AudioFrameClassificationPipeline',
    'AutoConfig',
    'AutoFeatureExtractor',
    'AutoModel',
    'AutoModelForAudioClassification',
    'AutoModelForAudioFrameClassification',
    'AutoModelForAudioXVector',
    'AutoModelForCTC',
    'AutoModelForPreTraining',
    'AutoModelForSequenceClassification',
    'AutoProcessor',
    'AutoTokenizer',
    'AutomaticSpeechRecognitionPipeline',
    'Data2VecAudioConfig',
    'Data2VecAudioForAudioFrameClassification',
    'Data2VecAudioForCTC',
    'Data2VecAudioForSequenceClassification',
    'Data2VecAudioForXVector',
    'Data2VecAudioModel',
    'Data2VecAudioPreTrainedModel',
    'FeatureExtractionPipeline',
    'HubertConfig',
    'HubertForCTC',
    'HubertForSequenceClassification',
    'HubertModel',
    'HubertPreTrainedModel',
    'SEWConfig',
    'SEWForCTC',
    'SEWForSequenceClassification',
    'SEWModel',
    'SEWPreTrainedModel',
    'SpeakerVerificationPipeline',
    'Tensor',
    'UniSpeechConfig',
    'UniSpeechError',
    'UniSpeechForCTC',
    'UniSpeechForPreTraining',
    'UniSpeechForSequenceClassification',
    'UniSpeechModel',
    'UniSpeechPreTrainedModel',
    'UniSpeechSatConfig',
    'UniSpeechSatForAudioFrameClassification',
    'UniSpeechSatForCTC',
    'UniSpeechSatForPreTraining',
    'UniSpeechSatForSequenceClassification',
    'UniSpeechSatForXVector',
    'UniSpeechSatModel',
    'UniSpeechSatPreTrainedModel',
    'Wav2Vec2CTCTokenizer',
    'Wav2Vec2Config',
    'Wav2Vec2FeatureExtractor',
    'Wav2Vec2ForAudioFrameClassification',
    'Wav2Vec2ForCTC',
    'Wav2Vec2ForPreTraining',
    'Wav2Vec2ForSequenceClassification',
    'Wav2Vec2ForXVector',
    'Wav2Vec2Model',
    'Wav2Vec2PhonemeCTCTokenizer',
    'Wav2Vec2PreTrainedModel',
    'Wav2Vec2Processor',
    'Wav2Vec2ProcessorWithLM',
    'WavLMConfig',
    'WavLMForAudioFrameClassification',
    'WavLMForCTC',
    'WavLMForSequenceClassification',
    'WavLMForXVector',
    'WavLMModel',
    'WavLMPreTrainedModel',
    'argmaxRows',
    'compute_mask_indices',
    'cos_sim',
    'decodeAudio',
    'modelFromFiles',
    'modelStorage',
    'parseWav',
    'pipeline',
    'resample',
    'sample_negative_indices',
    'toMono',
  ]);
});

test('has entries that share their classes, and a worker entry that says where it belongs', () => {
  expect(exportsOf('unispeech-webgpu/align')).toEqual([
    'LogitAligner',
    'UniSpeechError',
    'align',
    'alignLogits',
  ]);
  expect(exportsOf('unispeech-webgpu/beam')).toEqual([
    'BeamSearchDecoder',
    'LanguageModel',
    'UniSpeechError',
    'createBeamDecoder',
    'wordAlternatives',
  ]);
  expect(exportsOf('unispeech-webgpu/captions')).toEqual([
    'UniSpeechError',
    'readTextGrid',
    'toAudacityLabels',
    'toCtm',
    'toCues',
    'toEaf',
    'toJson',
    'toRttm',
    'toSrt',
    'toTextGrid',
    'toVtt',
  ]);
  expect(exportsOf('unispeech-webgpu/phones')).toEqual([
    ...['ARKIT_WEIGHTS', 'UniSpeechError', 'VISEMES', 'phones', 'pronunciation', 'toVisemes', 'visemesOf'],
  ]);
  expect(exportsOf('unispeech-webgpu/score')).toEqual([
    ...['UniSpeechError', 'cer', 'per', 'score', 'showAlignment', 'wer'],
  ]);
  expect(exportsOf('unispeech-webgpu/worker')).toEqual(['Tensor', 'UniSpeechError', 'createWorkerPipeline']);
  const script = `
    import { UniSpeechError } from 'unispeech-webgpu';
    import { examineMachine } from 'unispeech-webgpu/doctor';
    import { createWorkerPipeline } from 'unispeech-webgpu/worker';
    const error = await createWorkerPipeline('asr', 'model').catch((error) => error);
    const refused = await examineMachine({ signal: 1 }).catch((error) => error);
    console.log(refused.constructor === UniSpeechError, error instanceof UniSpeechError, error.code, error.message);`;
  expect(node(['--input-type=module', '-e', script], folder)).toBe(
    'true true unsupported createWorkerPipeline() needs the workers of a browser, and there are none here. ' +
      "Use pipeline() of 'unispeech-webgpu'.\n",
  );
});

test('has the script of the threads that decode, and it never loads Dawn', () => {
  const dist = path.join(folder, 'dist');
  const files = new Set([path.join(dist, 'node-decode-worker.js')]);
  const packages = new Set<string>();
  // Grows while it is walked.
  for (const file of files)
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import)[\s(]*["']([^"']+)["']/g))
      if (from.startsWith('.')) files.add(path.resolve(path.dirname(file), from));
      else packages.add(from);
  expect([...packages]).toEqual(expect.arrayContaining(['node:worker_threads', 'mpg123-decoder']));
  expect([...packages]).not.toContain('webgpu');
});

test('leaves nothing of the build system and of this machine in bundles and types', () => {
  const files = readdirSync(path.join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
  const bundles = files.filter((file) => /\.(js|d\.ts)$/.test(file));
  expect(bundles.length).toBeGreaterThan(10);
  for (const file of bundles) {
    const content = readFileSync(path.join(folder, 'dist', file), 'utf8');
    expect(content, file).not.toMatch(/(from|import)\s*\(?['"](#[a-z-]+|[^'"]*\.wgsl)['"]/);
    expect(content.includes(root), file).toBe(false);
  }
});

const CONSUMER = `
import { AutoModelForCTC, AutoProcessor, pipeline, Tensor, UniSpeechError } from 'unispeech-webgpu';
import { createWorkerPipeline } from 'unispeech-webgpu/worker';
import { toJson, toSrt } from 'unispeech-webgpu/captions';
const recognize = await pipeline('automatic-speech-recognition', 'model', {
  progress_callback: (info) => console.log(info.status),
});
const { text, chunks } = await recognize('a.wav', { return_timestamps: 'word' });
const [first] = await recognize([new Float32Array(400)]);
const subtitles: string = toSrt({ text, chunks }) + toJson(await recognize('a.wav'));
const all: string = subtitles + text + (first?.text ?? '') + String(chunks?.[0]?.timestamp[0]);
const withId = await recognize({ raw: new Float32Array(400), sampling_rate: 16000, id: 7 });
const ids: readonly number[] = withId.id;
interface Row { array: Float32Array; sampling_rate: number; speaker: string }
declare const row: Row;
const speakers: readonly string[] = (await recognize(row)).speaker;
// @ts-expect-error: a list gives a list
(await recognize(['a.wav'])).text;
// @ts-expect-error: no such option
await recognize('a.wav', { chunk_length: 3 });
// @ts-expect-error: true is an error for CTC
await recognize('a.wav', { return_timestamps: true });
const processor = await AutoProcessor.from_pretrained('model');
const model = await AutoModelForCTC.from_pretrained('model');
const { logits } = await model(await processor(new Float32Array(400)));
const { labels } = await processor({ audio: new Float32Array(400), text: 'A' });
const typed: [Tensor<'float32'>, Tensor<'int64'>, string] = [logits, labels, processor.decode([1, 2])];
console.log(all, ids, speakers, typed, UniSpeechError);
await recognize.dispose();

const inWorker = await createWorkerPipeline('automatic-speech-recognition', 'model', {
  progress_callback: (info) => console.log(info.status),
  worker: new Worker('worker-host.js', { type: 'module' }),
});
const same: string = (await inWorker('a.wav', { return_timestamps: 'char' })).text;
const rows: readonly string[] = (await inWorker(row)).speaker;
declare const device: GPUDevice;
// @ts-expect-error: a device stays where it was made
await createWorkerPipeline('asr', 'model', { device });
console.log(same, rows);
await inWorker.dispose();
`;

test.each([
  { module: 'node16', moduleResolution: 'node16' },
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
])(
  'has types that a strict consumer can use without any of this repository, under %j',
  (modules) => {
    writeFileSync(path.join(folder, 'consumer.ts'), CONSUMER);
    const compilerOptions = {
      ...modules,
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      target: 'es2022',
      lib: ['es2023', 'dom', 'esnext.disposable'],
      types: [],
    };
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['consumer.ts'] }),
    );
    expect(node([path.join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], folder)).toBe('');
  },
  60_000,
);

/** What a consumer may have: browsers as TypeScript 5.6 knew them, without WebGPU and disposal, or Node alone. */
const APP = `
import { AutoModelForCTC, AutoProcessor, pipeline, UniSpeechError } from 'unispeech-webgpu';
import * as doctor from 'unispeech-webgpu/doctor';
import { transcribeMicrophone } from 'unispeech-webgpu/microphone';
import * as profile from 'unispeech-webgpu/profile';
import { createWorkerPipeline } from 'unispeech-webgpu/worker';
const recognize = await pipeline('automatic-speech-recognition', 'm');
const { text } = await recognize('a.wav');
const { chunks } = await recognize(new Float32Array(16000), { return_timestamps: 'word', chunk_length_s: 20 });
const first: string | undefined = chunks?.[0]?.text;
const many = await recognize(['a.wav', 'b.wav'], { batch_size: 2 });
export const all = [text, first, many.map((one) => one.text), AutoModelForCTC, AutoProcessor, UniSpeechError];
export const entries = [transcribeMicrophone, createWorkerPipeline, doctor, profile];
await recognize.dispose();
export async function run(bytes: Uint8Array, buffer: ArrayBuffer) {
  await recognize(bytes);
  await recognize(buffer);
  await recognize({ raw: new Int16Array(5), sampling_rate: 8000 });
}
`;

/** The programs of docs/from-transformers.md, which read files of Node. */
const PROGRAMS = Array.from(
  readFileSync(path.join(root, 'docs/from-transformers.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs),
  ([, code = '']) => code,
);

/** Folders of the newest compiler, and of the older ones that consumers still have. */
const COMPILERS = ['typescript', 'typescript-6', 'typescript-5.6'];

test.each(
  COMPILERS.flatMap((compiler) => [
    { compiler, surroundings: { lib: ['es2022', 'dom'], types: [] } },
    { compiler, surroundings: { lib: ['es2022'], types: ['node'] } },
  ]),
)(
  'has types that compile by $compiler under $surroundings',
  ({ compiler, surroundings }) => {
    const programs = surroundings.types.length > 0 ? PROGRAMS : [];
    const files = [APP, ...programs].map((code, index) => {
      writeFileSync(path.join(folder, `app-${index}.ts`), code);
      return `app-${index}.ts`;
    });
    const compilerOptions = {
      ...surroundings,
      module: 'node16',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      target: 'es2022',
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    expect(node([path.join(root, 'node_modules', compiler, 'bin/tsc'), '-p', folder], folder)).toBe('');
  },
  60_000,
);
