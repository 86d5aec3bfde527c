/** Locations and options that are none end in one sentence with a code, whoever loads. */
import { describe, expect, test } from 'vitest';
import { platform } from '#platform';
import { AutoConfig, AutoModel, AutoModelForCTC } from '../../src/speech/auto.ts';
import { AutoFeatureExtractor, AutoProcessor, AutoTokenizer } from '../../src/pipelines/auto.ts';
import { pipeline } from '../../src/pipelines/pipeline.ts';

type Load = (location: never, options?: never) => Promise<unknown>;
const LOADERS: readonly (readonly [string, Load])[] = [
  ['AutoConfig', (...given) => AutoConfig.from_pretrained(...given)],
  ['AutoModel', (...given) => AutoModel.from_pretrained(...given)],
  ['AutoModelForCTC', (...given) => AutoModelForCTC.from_pretrained(...given)],
  ['AutoTokenizer', (...given) => AutoTokenizer.from_pretrained(...given)],
  ['AutoProcessor', (...given) => AutoProcessor.from_pretrained(...given)],
  ['AutoFeatureExtractor', (...given) => AutoFeatureExtractor.from_pretrained(...given)],
  ['pipeline', (...given) => pipeline('asr', ...given)],
];

async function expectRefusal(
  run: () => Promise<unknown>,
  codes: readonly string[],
  message = '',
): Promise<void> {
  const error: unknown = await run().then(
    () => 'nothing was thrown',
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({
    name: 'UniSpeechError',
    message: expect.stringContaining(message) as string,
  });
  const refusal = error as { readonly code: string; readonly message: string };
  expect(codes).toContain(refusal.code);
  expect(refusal.message.length).toBeLessThanOrEqual(400);
}

describe.each(LOADERS)('%s', (_name, load) => {
  test.each<[unknown, string]>([
    [null, 'The model is null, expected a folder or URL'],
    [undefined, 'The model is undefined'],
    [5, 'The model is 5'],
    [{}, 'The model is an object'],
    [['a/b'], 'The model is an array of 1'],
    ['', 'The model is ""'],
    [' \n', 'The model is " \\n"'],
    ['a\0b', 'The model is "a\\u0000b"'],
    ['x'.repeat(1e6), 'The model is "xxx'],
    ['file:%zz', 'file:%zz is not a file: URL of this machine'],
    ['FILE:%zz', 'FILE:%zz is not a file: URL'],
    ['file:///a%2fb', 'is not a file: URL'],
    [new URL('file://host/x'), 'file://host/x is not a file: URL'],
  ])('refuses location %#', async (location, message) => {
    await expectRefusal(() => load(location as never), ['bad-option'], message);
  });

  test('says that a folder of an odd or very long name is not there', async () => {
    await expectRefusal(() => load('file:///a%00b' as never), ['not-found'], 'There is no folder');
    await expectRefusal(() => load(`./${'x'.repeat(10_000)}` as never), ['not-found'], 'There is no folder');
  });

  test.each<[unknown, string]>([
    [null, 'are null, but they must be an object'],
    ['abc', 'are "abc"'],
    [{ signal: 5 }, 'signal is 5, but it must be an AbortSignal'],
    [{ signal: {} }, 'signal is an object'],
    [{ progress_callback: 'x' }, 'progress_callback is "x", but it must be a function'],
    [{ revision: 5 }, 'revision is 5'],
    [{ cache: 'yes' }, 'cache is "yes"'],
  ])('refuses options %#', async (options, message) => {
    await expectRefusal(() => load('/nowhere' as never, options as never), ['bad-option'], message);
  });
});

test('an audio file of such a URL is refused likewise', async () => {
  await expectRefusal(
    () => new Promise((resolve) => resolve(platform.openAudioFile('file:%zz'))),
    ['bad-input'],
    'is not a file: URL',
  );
});
