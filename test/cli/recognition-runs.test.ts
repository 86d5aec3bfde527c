/** How `transcribe` and `profile` call a recognition, which is a stand-in here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UniSpeechError } from '../../src/base/errors.ts';
import { openPipeline } from '../../src/cli/audio-files.ts';
import { profileFile } from '../../src/cli/profile-file.ts';
import { pieceNote } from '../../src/cli/piece-note.ts';
import { recognitionOptions } from '../../src/cli/recognition-call.ts';
import { transcribeCommand } from '../../src/cli/transcribe-command.ts';
import { transcribeToFiles } from '../../src/cli/transcribe-to-files.ts';
import { GREEDY } from '../../src/pipelines/choose-decoder.ts';
import { checkRecognitionOptions } from '../../src/pipelines/recognition-options.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../src/text/phoneme-tokenizer.ts';

vi.mock('../../src/cli/audio-files.ts', async (original) => ({
  ...(await original<object>()),
  openPipeline: vi.fn(),
}));
const standIn = (pipeline: object): void =>
  void vi.mocked<(...args: never) => Promise<unknown>>(openPipeline).mockResolvedValue(pipeline);
const { signal } = new AbortController();

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'recognition-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const transcribe = (values: Parameters<typeof transcribeCommand>[1]) =>
  transcribeCommand(['a.wav'], { model: 'dir', ...values });

test.each([
  ['an interruption is one', true, 'unispeech: Interrupted: 0 of 1 file transcribed. With --resume'],
  ['another end is none, and its error goes on', false, 'unispeech: Stopped: 0 of 1 file transcribed.\n'],
])('%s', async (_, isInterrupted, line) => {
  const interruption = new AbortController();
  const error = new UniSpeechError('device-lost', 'The device is lost.');
  const each = (): never => {
    if (isInterrupted) interruption.abort();
    throw error;
  };
  standIn({ each, [Symbol.asyncDispose]: () => Promise.resolve() });
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const command = transcribe({});
  const audio = [{ file: 'a.wav', name: 'a.wav' }];
  const run = transcribeToFiles({ command, outFolder: folder, audio }, interruption.signal);
  await expect(run).rejects.toBe(error);
  const text = said.mock.calls.map(([written]) => String(written)).join('');
  said.mockRestore();
  expect(text).toContain(line);
});

test('what is asked for reaches the call: one piece, the rule of cuts', () => {
  const tokenizer = new Wav2Vec2PhonemeCTCTokenizer({ a: 0, '<pad>': 1 });
  const options = recognitionOptions(transcribe({ chunk: '0', cut: 'fixed' }), { tokenizer }, signal);
  expect(options).toMatchObject({ chunk_length_s: 0, cut: 'fixed' });
});

test('the length of pieces is said once, with the first audio that is cut, and not where it was asked for', () => {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const asPicked = pieceNote(transcribe({}), say);
  for (const audio_seconds of [3, 15]) asPicked({ chunk_length_s: 15, audio_seconds });
  asPicked(undefined);
  expect(said).toEqual([]);
  asPicked({ chunk_length_s: 15, audio_seconds: 15.1 });
  asPicked({ chunk_length_s: 15 });
  expect(said).toEqual([expect.stringMatching(/^Audio is cut into overlapping pieces of 15 s, .*--chunk /)]);
  for (const chunk of ['0', '5'])
    pieceNote(transcribe({ chunk }), say)({ chunk_length_s: Number(chunk), audio_seconds: 60 });
  pieceNote(transcribe({}), say)({ chunk_length_s: 30 });
  expect(said).toHaveLength(2);
});

test('captions of phonemes, but no words of them', () => {
  const tokenizer = new Wav2Vec2PhonemeCTCTokenizer({ a: 0, '<pad>': 1 });
  const check = (timestamps?: string) => {
    const command = transcribe({ format: 'srt', ...(timestamps !== undefined && { timestamps }) });
    return checkRecognitionOptions(recognitionOptions(command, { tokenizer }, signal), tokenizer, GREEDY);
  };
  expect(check().timestamps).toBe('char');
  expect(() => check('word')).toThrow('knows no words');
});

test('the warm-up of a profile is as long as the windows, which are of whole frames', async () => {
  const lengths: number[] = [];
  const recognize = (audio: Float32Array | string) => {
    if (typeof audio !== 'string') lengths.push(audio.length);
    return Promise.resolve({ text: '' });
  };
  const model = {
    config: { samplesPerOutputFrame: 320 },
    runner: { context: { capabilities: { adapter: 'none', timestamps: false } } },
    explain: ([, length = 0]: readonly number[]) => {
      lengths.push(length);
      return { steps: [] };
    },
  };
  const processor = { feature_extractor: { config: { sampling_rate: 16_000 } } };
  standIn(Object.assign(recognize, { model, processor, [Symbol.asyncDispose]: () => Promise.resolve() }));
  const words = {
    name: 'profile',
    model: 'dir',
    dtype: undefined,
    seconds: 5,
    traceFile: undefined,
  } as const;
  await profileFile({ ...words, json: true, file: 'a.wav', chunkSeconds: 0.815 }, signal);
  // 13040 samples are 40.75 frames.
  expect(lengths).toEqual([41 * 320, 41 * 320]);
});
