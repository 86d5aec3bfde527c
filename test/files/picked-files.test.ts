/** Files that a user dropped or chose stand for a model. */
import { expect, test } from 'vitest';
import { modelFromFiles, pickedFiles } from '../../src/files/picked-files.ts';
import { AutoConfig } from '../../src/speech/auto.ts';

const file = (name: string, content: string, relativePath = ''): File => {
  const made = new File([content], name);
  Object.defineProperty(made, 'webkitRelativePath', { value: relativePath });
  return made;
};
const CONFIG = JSON.stringify({ model_type: 'hubert', num_hidden_layers: 3 });

test('a configuration is read from them, each address has files of its own', async () => {
  const location = modelFromFiles([file('config.json', CONFIG)]);
  const other = modelFromFiles([file('config.json', CONFIG.replace('3', '5'))]);
  expect((await AutoConfig.from_pretrained(location)).num_hidden_layers).toBe(3);
  expect((await AutoConfig.from_pretrained(String(other))).num_hidden_layers).toBe(5);
  expect(pickedFiles('picked:no-such')).toBeUndefined();
});

test('files of inner folders and of folders beside are left out', async () => {
  const files = pickedFiles(
    modelFromFiles([
      file('config.json', '{}', 'model/language_model/config.json'),
      file('only-inside.txt', 'x', 'model/language_model/only-inside.txt'),
      file('config.json', CONFIG, 'model/config.json'),
      file('vocab.json', 'text', 'model/vocab.json'),
      file('only-beside.txt', 'x', 'other/only-beside.txt'),
    ]),
  );
  expect(files?.location).toBe('model');
  expect(await files?.readText('config.json')).toBe(CONFIG);
  expect(await files?.readText('only-inside.txt')).toBeUndefined();
  expect(await files?.readText('only-beside.txt')).toBeUndefined();
  // But for those of a language model, under the name of their folder.
  expect(await files?.listLanguageModel?.()).toEqual(['config.json', 'only-inside.txt']);
  expect(await files?.readText('language_model/only-inside.txt')).toBe('x');
  await expect(files?.readText('language_model/../x')).rejects.toThrow('language_model/../x');
  await expect(files?.readText('other/only-beside.txt')).rejects.toThrow('other/only-beside.txt');
  const source = await files?.open('vocab.json');
  expect(source?.byteLength).toBe(4);
  expect(new TextDecoder().decode(await source?.read(1, 2))).toBe('ex');
  await expect(source?.read(2, 9)).rejects.toThrow('vocab.json ends at byte 4, expected bytes up to 11');
  await expect(files?.readText('vocab.json', undefined, 3)).rejects.toThrow('at most 3');
  await expect(files?.open('../config.json')).rejects.toThrow('config.json');
  await expect(files?.open('config.json', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

test('without config.json it is no model', () => {
  expect(() => modelFromFiles([file('a.txt', 'x')])).toThrow(
    'There is no config.json among the 1 chosen files',
  );
});
