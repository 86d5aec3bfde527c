/** Tokenizers: every file that one can be made of. */
import { loadTokenizer } from '../../../src/text/load-tokenizer.ts';
import { Wav2Vec2CTCTokenizer } from '../../../src/text/ctc-tokenizer.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { mutateJson } from '../mutate-json.ts';
import { type FuzzAnswer, expectResult, type Mutant, type Target, WrongResult } from '../target.ts';
import { readJsonSeed } from './read-seed.ts';

const DEMO = 'examples/models/unispeech-tiny-en/';
type Files = Readonly<Record<string, unknown>>;

const PHONEMES = {
  'vocab.json': { '<pad>': 0, '<s>': 1, '</s>': 2, '<unk>': 3, a: 4, aː: 5, t͡ʃ: 6, ' ': 7 },
  'tokenizer_config.json': {
    tokenizer_class: 'Wav2Vec2PhonemeCTCTokenizer',
    phone_delimiter_token: ' ',
    do_phonemize: false,
    phonemizer_lang: 'en-us',
    extra_special_tokens: ['<x>'],
  },
};

/** Models in the layouts that there are: of letters, of phonemes, of tokenizer.json, of several languages. */
function seedModels(): readonly Files[] {
  const vocabulary = readJsonSeed(`${DEMO}vocab.json`) as Readonly<Record<string, number>>;
  const letters = {
    'vocab.json': vocabulary,
    'tokenizer_config.json': readJsonSeed(`${DEMO}tokenizer_config.json`),
    'special_tokens_map.json': readJsonSeed(`${DEMO}special_tokens_map.json`),
    'added_tokens.json': { '<lang>': 32, '<noise>': 33 },
  };
  const decoded = {
    'vocab.json': vocabulary,
    'tokenizer_config.json': {
      tokenizer_class: 'Wav2Vec2CTCTokenizer',
      added_tokens_decoder: {
        '0': { content: '<pad>', special: true, lstrip: true, rstrip: true },
        '32': { content: '<noise>', special: false },
      },
      additional_special_tokens: ['<lang>', { content: '<b>' }],
      target_lang: null,
    },
  };
  const json = {
    'tokenizer.json': {
      added_tokens: [{ id: 0, content: '<pad>', special: true, lstrip: false, rstrip: false }],
      decoder: { type: 'CTC', pad_token: '<pad>', word_delimiter_token: '|', cleanup: true },
      model: { type: 'WordLevel', vocab: vocabulary, unk_token: '<unk>' },
    },
  };
  const nested = {
    'vocab.json': { eng: vocabulary, deu: { '<pad>': 0, Ä: 1 } },
    'tokenizer_config.json': { target_lang: 'eng' },
  };
  return [letters, decoded, json, nested, PHONEMES];
}

async function useTokenizer(files: Readonly<Record<string, string>>): Promise<FuzzAnswer> {
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  const tokenizer = await loadTokenizer(memoryFiles(files), undefined, { onWarning });
  if (tokenizer === undefined) throw new WrongResult('no tokenizer');
  const ids = [4, 4, 0, 5, 6, 4, 7];
  const text = tokenizer.decode(ids);
  const timed =
    tokenizer instanceof Wav2Vec2CTCTokenizer
      ? tokenizer.decode(ids, { output_char_offsets: true })
      : tokenizer.decode(ids, { output_char_offsets: true });
  expectResult(timed.text === text, 'the text depends on the offsets that are asked for');
  const encoded = tokenizer.encode('A B');
  expectResult(
    encoded.every((id) => Number.isSafeInteger(id) && id >= 0),
    'ids that are no counts',
  );
  return warnings.length > 0 ? 'warning' : 'result';
}

export const tokenizer: Target = {
  name: 'tokenizer',
  about:
    'vocab.json, tokenizer.json, tokenizer_config.json, added and special tokens: read, decoded, encoded',
  extension: 'json',
  prepare() {
    const models = seedModels();
    return Promise.resolve((random): Mutant => {
      const model = random.pick(models);
      const fileName = random.pick(Object.keys(model));
      const { text, description } = mutateJson(model[fileName], random);
      const files = {
        ...Object.fromEntries(Object.entries(model).map(([name, json]) => [name, JSON.stringify(json)])),
        [fileName]: text,
      };
      return {
        description: `${fileName}: ${description}`,
        content: () => text,
        run: () => useTokenizer(files),
      };
    });
  },
};
