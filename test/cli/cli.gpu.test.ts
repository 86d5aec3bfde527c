/** The built command `unispeech`, run as users run it. */
import { execFile, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isWeightDtype } from '../../src/checkpoint/dtype.ts';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { folderFiles } from '../../src/platform/node-files.ts';
import { useBuiltCli } from '../helpers/built-cli.ts';
import { encodeSamples, writeWav } from '../audio/write-wav.ts';
import { clipFolder, modelFolder, readSamples } from '../helpers/clips.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { phonemeModel } from '../helpers/phoneme-model.ts';
import { PRELOAD, repositoryFolder, type NodeRunOptions } from '../helpers/run-node.ts';

const cli = useBuiltCli();
const folder = path.dirname(cli.file);
const yesFive = `${clipFolder}yes-five.flac`;
const fourFour = `${clipFolder}four-four.wav`;

const unispeech = (args: readonly string[], options?: NodeRunOptions) => cli.run(args, options);
const transcribe = (args: readonly string[], options?: NodeRunOptions) =>
  unispeech(['transcribe', '--model', modelFolder, ...args], options);

describe('doctor MODEL', () => {
  test('what the model is and takes, in words and as JSON', async () => {
    const { exitCode, stdout } = await unispeech(['doctor', modelFolder]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^Yes, if the GPU has room[\s\S]*- Class: UniSpeechForCTC\n- Task: speech recognition[\s\S]*- To download: 3\.4 MB/,
    );
    const json = await unispeech(['doctor', modelFolder, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      level: 'yes',
      model_type: 'unispeech',
      tokenCount: 32,
      languages: [],
      fit: { status: 'done' },
    });
  });

  test('no model: one sentence, and the exit code 1', async () => {
    const { exitCode, stdout, stderr } = await unispeech(['doctor', './no-such-folder']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^unispeech: There is no folder \.\/no-such-folder\. Give the folder .*\n$/);
  });
});

describe('transcribe', () => {
  test('one file: its text', async () => {
    const { exitCode, stdout } = await transcribe([yesFive]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'YES FIVE\n' });
  });

  test('several files, of which one is missing: the others are transcribed', async () => {
    const { exitCode, stdout, stderr } = await transcribe([yesFive, 'missing.wav', fourFour]);
    expect(exitCode).toBe(1);
    expect(stdout).toBe(`${yesFive}  YES FIVE\n${fourFour}  FOUR FOUR\n`);
    expect(stderr).toContain('unispeech: missing.wav: The audio file missing.wav could not be read');
  });

  test('standard input, with the times of the words', async () => {
    const { exitCode, stdout } = await transcribe(['-', '--timestamps', 'word'], {
      stdin: readFileSync(yesFive),
    });
    expect(exitCode).toBe(0);
    expect(stdout).toBe('YES FIVE\n  0.20  0.44  YES\n  0.64  1.06  FIVE\n');
  });

  test('JSON, one object a line', async () => {
    const { exitCode, stdout } = await transcribe([
      yesFive,
      fourFour,
      '--json',
      '--chunk',
      '10',
      '--timestamps=char',
    ]);
    expect(exitCode).toBe(0);
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({ file: yesFive, text: 'YES FIVE', audio_seconds: 1.935125 });
    expect(first?.chunks).toContainEqual({ text: 'Y', timestamp: [0.2, 0.24] });
    expect(first?.run_milliseconds).toBeGreaterThan(0);
    expect(second).toMatchObject({ file: fourFour, text: 'FOUR FOUR' });
  });

  test('the length of pieces, where audio is cut: once on standard error, and in JSON', async () => {
    const said = Array.from(await readSamples(fourFour));
    const samples = Array.from({ length: 12 }, () => said).flat();
    const long = path.join(folder, 'long.wav');
    const format = { tag: 1, bits: 16, sampleRate: 16_000, channelCount: 1 } as const;
    writeFileSync(long, writeWav({ ...format, data: encodeSamples(samples, 1, 16) }));
    const notesOf = ({ stderr }: { readonly stderr: string }): readonly string[] =>
      stderr.split('\n').filter((line) => line.startsWith('unispeech:'));
    const note = expect.stringContaining(
      'unispeech: Audio is cut into overlapping pieces of 15 s, ',
    ) as string;
    const printed = await transcribe([long, yesFive, '--json']);
    expect(notesOf(printed)).toEqual([note]);
    const lengths = Array.from(printed.stdout.matchAll(/"chunk_length_s":(\d+)/g), ([, seconds]) => seconds);
    expect(lengths).toEqual(['15', '15']);
    const out = path.join(folder, 'long-out');
    const written = await transcribe([long, '--out', out]);
    expect(notesOf(written)).toEqual([note, expect.stringContaining('1 file transcribed') as string]);
    expect(notesOf(await transcribe([yesFive, '--chunk', '1']))).toEqual([]);
  });

  test('captions, with times that were not asked for apart', async () => {
    const srt = '1\n00:00:00,200 --> 00:00:01,060\nYES FIVE\n';
    expect(await transcribe([yesFive, '--format', 'srt'])).toMatchObject({ exitCode: 0, stdout: srt });
    expect(await transcribe([yesFive, '--format', 'vtt', '--chunk', '10'])).toMatchObject({
      exitCode: 0,
      stdout: `WEBVTT\n\n${srt.slice(2).replaceAll(',', '.')}`,
    });
    expect((await transcribe([yesFive, '--format', 'vtt', '--karaoke'])).stdout).toMatch(
      /\nYES <00:00:00.\d{3}>FIVE\n$/,
    );
  });

  test('phonemes and how they are pronounced', async () => {
    using model = phonemeModel();
    const phones = await unispeech(['phones', yesFive, '--model', model.folder, '--json', '--visemes']);
    expect(JSON.parse(phones.stdout)).toMatchObject({ text: 'j ɛ s f aɪ v ɛ', unknown: [] });
    const lexicon = path.join(model.folder, 'lexicon.txt');
    writeFileSync(lexicon, 'yes j ɛ t\nfive f aɪ v ɛ\n');
    const said = await unispeech([
      ...['pronounce', yesFive, 'Yes, five!', '--model', model.folder],
      ...['--lexicon', lexicon],
    ]);
    expect(said.stdout).toMatch(/t +heard s\n/);
    expect(said).toMatchObject({ exitCode: 0 });
    const unknown = await unispeech(['pronounce', yesFive, 'ø', '--model', model.folder]);
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain('The model has no phoneme "ø"');
  });

  test('how sure the model is, in JSON', async () => {
    const { stdout } = await transcribe([
      ...[yesFive, '--json', '--confidence', '--logprobs', '--timestamps', 'word'],
      ...['--temperature', '2'],
    ]);
    const probability: unknown = expect.closeTo(0.85, 0);
    expect(JSON.parse(stdout)).toMatchObject({
      confidence: probability,
      chunks: [{ confidence: probability }, { confidence: probability }],
      logprobs: expect.arrayContaining([
        { token: 'F', logprob: expect.any(Number) as number, bytes: [70] },
      ]) as object,
    });
  });

  test('a damaged file: its text, and one line about what is missing', async () => {
    const file = path.join(repositoryFolder, 'test/audio/clips/flac-one-byte-55pct.flac');
    const { exitCode, stdout, stderr } = await transcribe([file, '--json']);
    expect(exitCode).toBe(0);
    const warning = `${file}: 0.26 s of it cannot be decoded, as it is damaged or missing, and is silence now: 0.26 s at 0.51 s.`;
    expect(JSON.parse(stdout)).toMatchObject({ warnings: [warning] });
    // The GPU's driver may write lines of its own.
    expect(stderr.split('\n').filter((line) => line.startsWith('unispeech:'))).toEqual([
      `unispeech: ${warning}`,
    ]);
    const tooLong = await transcribe([file, '--max-duration', '1']);
    expect(tooLong).toMatchObject({ exitCode: 1, stdout: '' });
    expect(tooLong.stderr).toContain('lasts 1.9 s according to its header, the limit is 1 s.');
  });

  test('a model that is not there', async () => {
    const { exitCode, stdout, stderr } = await unispeech(['transcribe', yesFive, '-m', 'no-such-model']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain('unispeech: There is no folder no-such-model.');
    expect(stderr).not.toContain('    at ');
  });

  test('Ctrl-C between files', async () => {
    // It waits for the second file, and would do so for ever.
    const { exitCode, stdout } = await transcribe([fourFour, '-', yesFive], {
      stdin: 'open',
      onStart: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: `${fourFour}  FOUR FOUR\n` });
  });
});

describe('usage', () => {
  test('--help and --version', async () => {
    const help = await unispeech(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toContain('unispeech transcribe FILE... --model DIR');
    const { version } = JSON.parse(readFileSync(`${repositoryFolder}package.json`, 'utf8')) as {
      version: string;
    };
    expect(await unispeech(['--version'])).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  });

  test('wrong usage is one line with a hint, and exit code 2', async () => {
    const { exitCode, stdout, stderr } = await unispeech(['transcribe', '--quick', yesFive]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toBe('unispeech: unknown option \'--quick\'\nRun "unispeech --help" for the usage.\n');
  });
});

describe('quantize', () => {
  const quantized = path.join(folder, 'quantized');
  const quantize = (input: string, output: string, dtype = 'q8') =>
    unispeech(['quantize', input, output, '--dtype', dtype]);

  test.each(['fp16', 'q8', 'q4'])('%s: a smaller folder that is transcribed with as it is', async (dtype) => {
    const output = `${quantized}-${dtype}`;
    expect(await quantize(modelFolder, output, dtype)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(output).sort()).toEqual(readdirSync(modelFolder).sort());
    const bytes = (file: string): number => statSync(path.join(file, 'model.safetensors')).size;
    // The bundled model is in float16, and its vectors stay float32.
    expect(bytes(output)).toBeLessThan(bytes(modelFolder) * { fp16: 1.1, q8: 0.65, q4: 0.4 }[dtype as 'q8']);
    const read = await unispeech(['transcribe', '--model', output, yesFive, fourFour]);
    expect(read).toMatchObject({ exitCode: 0, stdout: `${yesFive}  YES FIVE\n${fourFour}  FOUR FOUR\n` });
  });

  test('follows the links that a snapshot of the Hugging Face cache is made of', async () => {
    const snapshot = path.join(folder, 'cache', 'snapshots', 'main');
    const blobs = path.join(folder, 'cache', 'blobs');
    for (const each of [snapshot, blobs]) mkdirSync(each, { recursive: true });
    for (const name of readdirSync(modelFolder)) {
      copyFileSync(path.join(modelFolder, name), path.join(blobs, `blob-${name}`));
      symlinkSync(path.join('..', '..', 'blobs', `blob-${name}`), path.join(snapshot, name));
    }
    // Neither a folder nor a link to one is a part of a model.
    symlinkSync('..', path.join(snapshot, 'up'));
    const output = `${quantized}-linked`;
    expect(await quantize(snapshot, output)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(output).sort()).toEqual(readdirSync(modelFolder).sort());
    for (const name of readdirSync(output)) expect(lstatSync(path.join(output, name)).isFile()).toBe(true);
    expect(await unispeech(['transcribe', '-m', output, yesFive])).toMatchObject({ stdout: 'YES FIVE\n' });

    symlinkSync('../../blobs/gone', path.join(snapshot, 'merges.txt'));
    const { exitCode, stderr } = await quantize(snapshot, `${quantized}-broken`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^unispeech: .*merges\.txt is a link to \.\.\/\.\.\/blobs\/gone, and there is nothing\..*\n$/,
    );
    expect(readdirSync(folder).filter((name) => name.includes('broken'))).toEqual([]);
  });

  test('OUT may be a link to an empty folder, but not one to nothing', async () => {
    const link = `${quantized}-by-link`;
    symlinkSync(`${link}-target`, link);
    const { exitCode, stderr } = await quantize(modelFolder, link);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/exists already, and quantize never writes over anything/);
    mkdirSync(`${link}-target`);
    expect(await quantize(modelFolder, link)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(link).sort()).toEqual(readdirSync(modelFolder).sort());
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s leaves nothing behind', async (signal) => {
    const output = path.join(folder, 'made', signal, 'out');
    const { exitCode, stdout } = await unispeech(['quantize', modelFolder, output, '--dtype', 'q8'], {
      onStart: (child) => {
        // The moment at which the partial folder is there.
        const timer = setInterval(() => {
          if (!existsSync(path.dirname(output))) return;
          clearInterval(timer);
          child.kill(signal);
        }, 1);
        child.once('exit', () => clearInterval(timer));
      },
    });
    expect({ exitCode, stdout }).toEqual({
      exitCode: { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[signal],
      stdout: '',
    });
    expect(existsSync(path.join(folder, 'made'))).toBe(false);
  });

  test('a full disk is one line, and nothing is left', () => {
    // Files of this process may have 100 blocks of 1 KiB: what a disk does that is full.
    const command = [process.execPath, cli.file, 'quantize', modelFolder];
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', 'ulimit -f 100; exec "$@"', 'bash', ...command, `${quantized}-full`, '--dtype', 'q8'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^unispeech: .*quantized-full cannot be written: EFBIG[^\n]*\n$/);
    expect(readdirSync(folder).filter((name) => name.includes('full'))).toEqual([]);
  });

  test('refuses what it cannot do, and leaves nothing behind', async () => {
    const output = `${quantized}-refused`;
    for (const [input, out, message] of [
      [`${quantized}-q8`, output, /quantized to q8 already/],
      [modelFolder, `${quantized}-q8`, /exists already, and quantize never writes over anything/],
      [path.join(folder, 'nothing'), output, /There is no folder/],
    ] as const) {
      const { exitCode, stderr } = await quantize(input, out);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(message);
    }
    expect(readdirSync(folder).filter((name) => name.includes('refused'))).toEqual([]);

    const file = path.join(modelFolder, 'vocab.json');
    const underFile = await quantize(modelFolder, path.join(file, 'out'));
    expect(underFile.stderr).toMatch(/^unispeech: .*out cannot be written: E(NOTDIR|EXIST)[^\n]*\n$/);

    const { exitCode, stderr } = await transcribe([yesFive, '--model', `${quantized}-q8`, '--dtype', 'fp16']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("quantized to q8, but dtype is 'fp16'");
  });
});

describe('convert', () => {
  const pytorchFolder = `${goldensFolder}pytorch/`;
  const convert = (input: string, output: string, ...more: readonly string[]) =>
    unispeech(['convert', input, output, ...more]);
  const inFolder = (name: string): string => path.join(folder, `convert-${name}`);
  const tensorsOf = async (modelPath: string) => {
    const checkpoint = await openCheckpoint(folderFiles(modelPath));
    const tensors = new Map<string, unknown>();
    for (const [name, { dtype, shape }] of checkpoint.tensors) {
      const values = isWeightDtype(dtype) ? await checkpoint.readWhole(name) : undefined;
      tensors.set(name, { dtype, shape, values });
    }
    await checkpoint.close();
    return tensors;
  };
  /** A folder with the weights of a form of PyTorch files, and files beside them. */
  const makeFolder = (name: string, form: string): string => {
    const input = inFolder(name);
    mkdirSync(input);
    copyFileSync(`${pytorchFolder}${form}.bin`, path.join(input, 'pytorch_model.bin'));
    for (const each of ['config.json', 'vocab.json'])
      copyFileSync(path.join(modelFolder, each), path.join(input, each));
    writeFileSync(path.join(input, 'model.safetensors.index.fp16.json'), '{}');
    return input;
  };

  test.each(['legacy', 'strided', 'shared'])(
    'PyTorch files become safetensors with what lies beside them: %s',
    async (form) => {
      const input = makeFolder(form, form);
      const output = inFolder(`${form}-out`);
      expect(await convert(input, output)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(readdirSync(output).sort()).toEqual(['config.json', 'model.safetensors', 'vocab.json']);
      expect(await tensorsOf(output)).toEqual(await tensorsOf(input));
      const twin = path.join(pytorchFolder, `${form === 'legacy' ? 'zip' : form}.safetensors`);
      expect(statSync(path.join(output, 'model.safetensors')).size).toBeLessThan(statSync(twin).size + 100);
    },
  );

  test('--dtype changes all weights and no other numbers', async () => {
    const input = makeFolder('dtype', 'zip');
    const output = inFolder('dtype-out');
    expect(await convert(input, output, '--dtype', 'fp16')).toMatchObject({ exitCode: 0 });
    const before = await tensorsOf(input);
    for (const [name, tensor] of (await tensorsOf(output)) as Map<
      string,
      { dtype: string; values: unknown }
    >) {
      const { dtype, values } = before.get(name) as typeof tensor;
      const isWeight = values !== undefined;
      expect([name, tensor.dtype]).toEqual([name, isWeight ? 'F16' : dtype]);
      // Numbers of the seed are float16 but one, which rounds.
      if (isWeight && dtype !== 'F64') expect(tensor.values).toEqual(values);
    }
  });

  test('refuses what it cannot do, and leaves nothing behind', async () => {
    const input = makeFolder('damaged', 'zip');
    truncateSync(path.join(input, 'pytorch_model.bin'), 1000);
    for (const [from, message] of [
      [input, /pytorch_model\.bin: it begins like a zip file, but has no end record/],
      [path.join(folder, 'quantized-q8'), /was quantized already/],
      [path.join(folder, 'nothing'), /There is no folder/],
    ] as const) {
      const { exitCode, stderr } = await convert(from, inFolder('refused'));
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(message);
    }
    expect(await convert(inFolder('dtype'), input)).toMatchObject({ exitCode: 1 });
    expect(readdirSync(folder).filter((name) => name.includes('refused'))).toEqual([]);
  });
});

describe('the output', () => {
  /** Runs a line of the shell that knows the command. */
  const shell = (line: string) =>
    new Promise<{ exitCode: number | null; stdout: string; stderr: string }>((resolve) => {
      const command = [process.execPath, '--import', PRELOAD, cli.file];
      const script = `set -o pipefail; unispeech() { ${command.map((word) => JSON.stringify(word)).join(' ')} "$@"; }; ${line}`;
      execFile('bash', ['-c', script], { cwd: repositoryFolder }, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : (error.code as number);
        // Dawn says this of lavapipe by itself.
        resolve({ exitCode, stdout, stderr: stderr.replace(/^Warning: maxDynamic.*\n/gm, '') });
      });
    });
  const files = `--model ${JSON.stringify(modelFolder)} ${JSON.stringify(yesFive)} ${JSON.stringify(fourFour)}`;

  test('a reader that has enough ends the command quietly', async () => {
    const { exitCode, stdout, stderr } = await shell(`unispeech transcribe ${files} | head -1`);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: `${yesFive}  YES FIVE\n`,
      stderr: '',
    });
    expect(await shell('unispeech --help | true')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('a full disk is one line and exit code 1', async () => {
    for (const line of [`unispeech transcribe ${files} > /dev/full`, 'unispeech --help > /dev/full']) {
      const { exitCode, stderr } = await shell(line);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^unispeech: The output cannot be written: ENOSPC[^\n]*\n$/);
    }
  });

  test('control characters of names never reach it', async () => {
    const name = 'a\u001b[31m\u202e\u009b.wav';
    const { exitCode, stderr } = await transcribe([name]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('a\\x1b[31m\\u202e\\x9b.wav');
    expect(stderr).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe('profile', () => {
  const profile = (args: readonly string[]) => unispeech(['profile', '--model', modelFolder, ...args]);

  test('one line per kernel, with shares of the time that add up', async () => {
    const { exitCode, stdout } = await profile([yesFive, '--json']);
    expect(exitCode).toBe(0);
    const { isTimed, total, kernels, steps } = JSON.parse(stdout) as {
      isTimed: boolean;
      total: { stepCount: number; milliseconds: number };
      kernels: readonly { stepCount: number; share: number; flops: number }[];
      steps: readonly unknown[];
    };
    expect({ isTimed, stepCount: total.stepCount }).toEqual({ isTimed: true, stepCount: steps.length });
    expect(total.milliseconds).toBeGreaterThan(0);
    expect(kernels.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(kernels.some(({ flops }) => flops > 0)).toBe(true);
    const table = await profile(['--seconds', '0.5', '--dtype', 'q8']);
    expect(table.exitCode).toBe(0);
    expect(table.stdout).toMatch(/0\.50 s of audio, on .+\n\nkernel +steps +GFLOP +MB +ms +share/);
    expect(table.stdout).toMatch(/\nall +\d+ .* 100\.0 % /);
  });

  test('--chunk: every window of a file, and how long the adapter had nothing to do', async () => {
    const { exitCode, stdout } = await profile([yesFive, '--chunk', '0.8', '--json']);
    expect(exitCode).toBe(0);
    const { windows, total, audioSeconds } = JSON.parse(stdout) as {
      windows: { count: number; milliseconds: number; idleMilliseconds: number; idleShare: number };
      total: { milliseconds: number };
      audioSeconds: number;
    };
    expect(audioSeconds).toBeGreaterThan(1.8);
    expect(windows.count).toBeGreaterThan(2);
    expect(windows.milliseconds).toBeGreaterThan(total.milliseconds);
    expect(windows.idleShare).toBeCloseTo(windows.idleMilliseconds / windows.milliseconds);
    expect(windows.idleShare).toBeLessThan(1);
  });

  test('--trace: one span per kernel with its bytes and operations; a file that cannot be written is refused first', async () => {
    const file = path.join(folder, 'trace.json');
    expect(await profile([yesFive, '--trace', file])).toMatchObject({ exitCode: 0 });
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as {
      traceEvents: readonly { ph: string; cat?: string; dur?: number; args: Record<string, unknown> }[];
    };
    const spans = traceEvents.filter(({ cat }) => cat === 'gpu');
    expect(spans.length).toBeGreaterThan(40);
    for (const { ph, dur, args } of spans) {
      expect({ ph, isTimed: (dur ?? -1) >= 0 }).toEqual({ ph: 'X', isTimed: true });
      expect(args).toMatchObject({
        bytes: expect.any(Number) as number,
        flops: expect.any(Number) as number,
      });
    }
    const { exitCode, stderr } = await profile([yesFive, '--trace', path.join(folder, 'none', 'trace.json')]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no folder');
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('tune', () => {
  const tune = (args: readonly string[] = []) => unispeech(['tune', '--model', modelFolder, ...args]);

  test('measures the variants and keeps the fastest for later loads', async () => {
    const { exitCode, stdout } = await tune(['--dtype', 'q8']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^size class +measured product +variant +ms\nq8 \d+\+ tiles/);
    expect(stdout).toMatch(
      /\d of \d+ size classes get another variant than the static choice\.\nStored for later loads: /,
    );
    const kept = readdirSync(process.env.UNISPEECH_CACHE ?? '');
    expect(kept).toEqual([expect.stringMatching(/^tuning-\w+\.json$/)]);
    const read = await transcribe([yesFive, '--dtype', 'q8']);
    expect(read).toMatchObject({ exitCode: 0, stdout: 'YES FIVE\n' });
  });

  test('where nothing can be kept: the table, a sentence, and exit code 1', async () => {
    const { UNISPEECH_CACHE: folderForCaches } = process.env;
    process.env.UNISPEECH_CACHE = path.join(yesFive, 'no-folder');
    try {
      const { exitCode, stdout, stderr } = await tune(['--dtype', 'q8']);
      expect(exitCode).toBe(1);
      expect(stdout).toContain('size class');
      expect(stderr).toContain('The measurements cannot be stored. Set UNISPEECH_CACHE');
    } finally {
      process.env.UNISPEECH_CACHE = folderForCaches;
    }
  });
});
