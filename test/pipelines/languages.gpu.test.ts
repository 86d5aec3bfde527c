/** Recognition with a multilingual model: one option and one method for model and tokenizer. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pipeline } from '../../src/pipelines/pipeline.ts';
import type { AutomaticSpeechRecognitionPipeline } from '../../src/pipelines/automatic-speech-recognition.ts';
import { Wav2Vec2CTCTokenizer } from '../../src/text/ctc-tokenizer.ts';
import { familyModel } from '../helpers/family-models.ts';
import { argmax } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';

const TASK = 'automatic-speech-recognition';
const mms = familyModel('w2v2_c_ctc_attn_adapter_langs');
const clip = mms.clips[0] ?? new Float32Array();
let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => {
  release();
  mms[Symbol.dispose]();
});

/** What the reference's logits spell in its vocabulary of the language. */
async function textOf(language: string, recognize: AutomaticSpeechRecognitionPipeline): Promise<string> {
  const { tokenizer } = recognize.processor;
  if (!(tokenizer instanceof Wav2Vec2CTCTokenizer)) throw new Error('the tokenizer is not of letters');
  const { logits } = await recognize.model({ input_values: [clip] });
  const key = language === 'eng' ? 'logits' : `${language}:logits`;
  expect(logits.dims[2]).toBe(mms.golden.expected.tensor(key).dims[2]);
  expect(tokenizer.target_lang).toBe(language);
  return tokenizer.decode(argmax(logits));
}

test('target_lang chooses adapters and vocabulary at once, and set_target_lang changes both', async () => {
  await using recognize = await pipeline(TASK, mms.folder, { target_lang: 'fra' });
  const french = await textOf('fra', recognize);
  expect((await recognize(clip)).text).toBe(french);
  await recognize.set_target_lang('deu-script_latin');
  const german = await textOf('deu-script_latin', recognize);
  expect(german).not.toBe(french);
  expect((await recognize(clip)).text).toBe(german);
  // A call of several batches is of one language.
  const pending = recognize([clip, clip, clip], { batch_size: 1 });
  const change = recognize.set_target_lang('fra');
  const after = recognize(clip);
  expect((await pending).map(({ text }) => text)).toEqual([german, german, german]);
  await change;
  expect((await after).text).toBe(french);
});

test('a loop whose body changes the language is told so, and the change works behind it', async () => {
  await using recognize = await pipeline(TASK, mms.folder, { target_lang: 'fra' });
  const loops = [
    () => recognize.stream(clip),
    () => recognize.emissions(clip),
    () => recognize.each([clip, clip], { batch_size: 1 }),
  ];
  for (const loop of loops) {
    let partCount = 0;
    for await (const _ of loop()) {
      await expect(recognize.set_target_lang('ita')).rejects.toMatchObject({ code: 'busy' });
      partCount += 1;
    }
    expect(partCount).toBeGreaterThan(0);
    for await (const _ of loop()) break;
  }
  // A loop that nobody goes on with blocks no change for ever: it says so.
  const forgotten = recognize.stream(clip);
  await forgotten.next();
  await expect(recognize.set_target_lang('ita')).rejects.toThrow('Leave the loop first');
  await forgotten.return();
  await recognize.set_target_lang('ita');
  expect((await recognize(clip)).text).toBe(await textOf('ita', recognize));
});

test('without target_lang the model is of its file and the tokenizer of tokenizer_config.json', async () => {
  await using recognize = await pipeline(TASK, mms.folder);
  expect((await recognize(clip)).text).toBe(await textOf('eng', recognize));
});

test('a language that cannot be had leaves both as they are', async () => {
  await using recognize = await pipeline(TASK, mms.folder, { target_lang: 'fra' });
  const french = await textOf('fra', recognize);
  await expect(recognize.set_target_lang('deu')).rejects.toMatchObject({
    code: 'bad-option',
    message: expect.stringContaining('one of deu-script_latin, ') as string,
  });
  // In the vocabulary, but without a file.
  await expect(recognize.set_target_lang('eng')).rejects.toMatchObject({ code: 'not-found' });
  const reason = new Error('enough');
  await expect(recognize.set_target_lang('ita', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect((await recognize(clip)).text).toBe(french);
  expect(await textOf('fra', recognize)).toBe(french);
});

test('tasks without text refuse it with the reason', async () => {
  await expect(pipeline('feature-extraction', mms.folder, { target_lang: 'fra' })).rejects.toThrow(
    'only models for CTC',
  );
  await expect(pipeline(TASK, mms.folder, { target_lang: 'xyz' })).rejects.toThrow(/xyz/);
});
