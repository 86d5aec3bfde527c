/** Every model type and class of the family against the reference: all outputs of a call, losses, both conventions of the last hidden state. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as engine from '../../src/index.ts';
import { Tensor } from '../../src/base/tensor.ts';
import type { ModelInputs } from '../../src/speech/core/runner.ts';
import {
  argumentsOf,
  familyCases,
  type FamilyArguments,
  type FamilyCase,
} from '../helpers/family-goldens.ts';
import { argmax, relativeError } from '../helpers/golden.ts';
import { shareTestContext } from '../helpers/gpu.ts';
import { isFirstOfSeveral, isQuick, isSecondAdapter } from '../helpers/test-depth.ts';

type Outputs = Readonly<Record<string, Tensor | readonly Tensor[] | undefined>>;

/** What the test needs of every class of models. */
interface AnyModelClass {
  from_pretrained(folder: string, options?: engine.ModelOptions): Promise<AnyModel>;
}
type AnyModel = AsyncDisposable & ((inputs: ModelInputs) => Promise<object>);

let release: () => void;
beforeAll(async () => {
  release = await shareTestContext();
});
afterAll(() => release());

function classNamed(name: string): AnyModelClass {
  const found = Object.entries<unknown>(engine).find(([exported]) => exported === name);
  if (found === undefined) throw new Error(`the engine has no class ${name}`);
  return found[1] as AnyModelClass;
}

/** Names as in the goldens: the entries of lists have their index. */
function flatten(outputs: Outputs): ReadonlyMap<string, Tensor> {
  const entries = Object.entries(outputs).flatMap(([name, value]) =>
    Array.isArray(value)
      ? (value as readonly Tensor[]).map((tensor, index) => [`${name}.${index}`, tensor] as const)
      : value === undefined
        ? []
        : [[name, value as Tensor] as const],
  );
  return new Map(entries);
}

async function run(
  golden: FamilyCase,
  modelClass: AnyModelClass,
  inputs: FamilyArguments,
  options?: engine.ModelOptions,
) {
  await using model = await modelClass.from_pretrained(golden.folder, options);
  return flatten((await model(inputs)) as Outputs);
}

/** Compares what the golden holds under a prefix, `names` of it by default all, with the outputs. */
function compare({ name, expected }: FamilyCase, outputs: ReadonlyMap<string, Tensor>, prefix = ''): void {
  const keys = expected.names.filter((key) => (prefix === '' ? !key.includes(':') : key.startsWith(prefix)));
  expect(keys, `${name} has outputs to compare`).not.toHaveLength(0);
  // The attention adapter has an epsilon of its own, which a larger tolerance would not tell from another.
  const tolerance = name.includes('attn_adapter') ? 5e-5 : 1e-4;
  for (const key of keys) {
    const actual = outputs.get(key.slice(prefix.length));
    if (actual === undefined) throw new Error(`the model gave no ${key}`);
    const wanted = expected.tensor(key);
    // Losses are numbers here, and lists of one number in the goldens.
    const shaped = actual.dims.length === 0 ? new Tensor('float32', wanted.data as Float32Array, []) : wanted;
    expect(relativeError(actual, shaped), key).toBeLessThan(tolerance);
    if (key.endsWith('logits')) expect(argmax(actual), key).toEqual(argmax(wanted));
  }
}

/** The first case for each value of a property. */
const firstOf = (key: (golden: FamilyCase) => string): readonly FamilyCase[] => [
  ...new Map(familyCases.toReversed().map((golden) => [key(golden), golden])).values(),
];
const headOf = ({ architecture }: FamilyCase): string => architecture.replace(/^.*(?=For|Model)/, '');

const ofEachType = firstOf(({ modelType }) => modelType);
const ofEachTypeAndHead: readonly FamilyCase[] = [...new Set([...ofEachType, ...firstOf(headOf)])];

/**
 * In a hurry one case of each type. Where a short run has two adapters, each case runs on one of them: one of each type and head on the
 * second, the others on the first. Otherwise all.
 */
const chosen = isQuick
  ? ofEachType
  : isSecondAdapter
    ? ofEachTypeAndHead
    : familyCases.filter((golden) => !isFirstOfSeveral || !ofEachTypeAndHead.includes(golden));

describe.each(chosen)('$name', (golden) => {
  test('every output of the class', async () => {
    const outputs = await run(golden, classNamed(golden.architecture), argumentsOf(golden));
    compare(golden, outputs);
    for (const name of outputs.keys())
      expect(golden.expected.has(name), `the reference gives ${name}, too`).toBe(true);
  });

  const has = (prefix: string): boolean => golden.expected.names.some((name) => name.startsWith(prefix));

  if (has('base:'))
    test('its encoder alone', async () => {
      const { labels: _, ...inputs } = argumentsOf(golden);
      compare(golden, await run(golden, engine.AutoModel, inputs), 'base:');
    });

  if (has('classic:'))
    test('the last hidden state behind the norm', async () => {
      const options = { hiddenStatesConvention: 'classic' } as const;
      compare(
        golden,
        await run(golden, classNamed(golden.architecture), argumentsOf(golden), options),
        'classic:',
      );
    });

  const languages = golden.expected.names
    .filter((name) => name.endsWith(':logits') && !name.startsWith('classic:'))
    .map((name) => name.slice(0, -':logits'.length));

  if (languages.length > 0)
    test('the languages, loaded with the model and one after another', async () => {
      const { labels: _, ...inputs } = argumentsOf(golden);
      await using model = await engine.Wav2Vec2ForCTC.from_pretrained(golden.folder);
      const byteLengths = new Map<string, number>();
      for (const language of [...languages, ...languages.toReversed()]) {
        await model.load_adapter(language);
        const logits = golden.expected.tensor(`${language}:logits`);
        expect(model.config.vocab_size).toBe(logits.dims.at(-1));
        compare(golden, flatten({ logits: (await model(inputs)).logits }), `${language}:`);
        // Of a language before nothing stays behind.
        const { byteLength } = model.runner.weights;
        expect(byteLength).toBe(byteLengths.get(language) ?? byteLength);
        byteLengths.set(language, byteLength);
      }
      const [target_lang = ''] = languages;
      const outputs = await run(golden, classNamed(golden.architecture), inputs, { target_lang });
      compare(golden, new Map([...outputs].filter(([name]) => name === 'logits')), `${target_lang}:`);
    });
});

test('pre-training of UniSpeech-SAT gives what its encoder alone does', async () => {
  const golden = familyCases.find(({ name }) => name.startsWith('sat_a'));
  if (golden === undefined) throw new Error('no case of UniSpeech-SAT');
  const { labels: _, ...inputs } = argumentsOf(golden);
  const outputs = await run(golden, engine.UniSpeechSatForPreTraining, inputs);
  const named = (name: string) => outputs.get(name) ?? new Tensor('float32', new Float32Array(), []);
  expect(relativeError(named('logits'), golden.expected.tensor('base:extract_features'))).toBeLessThan(1e-4);
  expect(
    relativeError(named('projected_states'), golden.expected.tensor('base:last_hidden_state')),
  ).toBeLessThan(1e-4);
});
