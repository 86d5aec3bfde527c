/** A model of phonemes that understands the demo clips: the tiny model of letters, whose columns are named after sounds. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { modelFolder } from './clips.ts';

const NAMES: Readonly<Record<string, string>> = {
  E: 'ɛ',
  T: 't',
  A: 'a',
  O: 'o',
  N: 'n',
  I: 'aɪ',
  H: 'h',
  S: 's',
  R: 'r',
  D: 'd',
  L: 'l',
  U: 'u',
  M: 'm',
  W: 'w',
  C: 'ʃ',
  F: 'f',
  G: 'ɡ',
  Y: 'j',
  P: 'p',
  B: 'b',
  V: 'v',
  K: 'k',
  "'": 'ʔ',
  X: 'x',
  J: 'dʒ',
  Q: 'q',
  Z: 'z',
};

export interface PhonemeModel extends Disposable {
  /** YES FIVE is `j ɛ s f aɪ v ɛ`. */
  readonly folder: string;
}

export function phonemeModel(): PhonemeModel {
  const folder = mkdtempSync(path.join(tmpdir(), 'phoneme-model-'));
  const letters = JSON.parse(readFileSync(path.join(modelFolder, 'vocab.json'), 'utf8')) as Record<
    string,
    number
  >;
  const vocabulary = Object.entries(letters).map(([letter, id]) => [NAMES[letter] ?? letter, id] as const);
  for (const name of ['config.json', 'model.safetensors', 'preprocessor_config.json'])
    copyFileSync(path.join(modelFolder, name), path.join(folder, name));
  writeFileSync(path.join(folder, 'vocab.json'), JSON.stringify(Object.fromEntries(vocabulary)));
  writeFileSync(
    path.join(folder, 'tokenizer_config.json'),
    JSON.stringify({ tokenizer_class: 'Wav2Vec2PhonemeCTCTokenizer', word_delimiter_token: '|' }),
  );
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
