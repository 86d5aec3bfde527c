/** A family and a head are data: `test/helpers/made-up-model.ts` adds one of each, and every part of the engine takes them. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/graph/plan.ts';
import { loadConfig, loadRunner } from '../../src/speech/core/load-runner.ts';
import { planClip } from '../../src/speech/core/model-plans.ts';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';
import { UniSpeechConfig } from '../../src/speech/families/unispeech.ts';
import { CONTRASTIVE_HEAD } from '../../src/speech/heads/contrastive-pre-training.ts';
import { CTC_HEAD } from '../../src/speech/heads/ctc.ts';
import { FRAME_CLASSIFICATION_HEAD } from '../../src/speech/heads/frame-classification.ts';
import { headOf } from '../../src/speech/heads/head-list.ts';
import { buildModelGraph, loadArchitecture, modelLayout } from '../../src/speech/heads/architecture.ts';
import type { Head } from '../../src/speech/heads/head.ts';
import { NO_HEAD } from '../../src/speech/heads/none.ts';
import { PRE_TRAINING_HEAD } from '../../src/speech/heads/pre-training.ts';
import { SEQUENCE_CLASSIFICATION_HEAD } from '../../src/speech/heads/sequence-classification.ts';
import { SPEAKER_PRE_TRAINING_HEAD } from '../../src/speech/heads/speaker-pre-training.ts';
import { X_VECTOR_HEAD } from '../../src/speech/heads/x-vector.ts';
import { UniSpeechForCTC } from '../../src/speech/unispeech-models.ts';
import { UniSpeechSatForXVector } from '../../src/speech/unispeech-sat-models.ts';
import { Wav2Vec2ForXVector } from '../../src/speech/wav2vec2-models.ts';
import { folderFiles } from '../../src/platform/node-files.ts';
import type { ModelFiles, ProgressInfo } from '../../src/base/files.ts';
import { goldensFolder } from '../helpers/golden.ts';
import { ECHO_MODEL, EchoConfig, echoFiles, SPEAKER_HEAD } from '../helpers/made-up-model.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { adapter } from '../helpers/planned.ts';

const CLASSES = [UniSpeechConfig, EchoConfig];
const read = (json: object): Promise<EncoderConfig> =>
  loadConfig<EncoderConfig>(memoryFiles({ 'config.json': JSON.stringify(json) }), CLASSES);

describe('model_type of config.json', () => {
  test('chooses the class, with the defaults and the bounds of its family', async () => {
    const echo = await read({ model_type: 'echo-speech' });
    expect(echo).toBeInstanceOf(EchoConfig);
    expect(echo).toMatchObject({ model_type: 'echo-speech', num_hidden_layers: 3, hidden_size: 768 });
    expect(await read({ model_type: 'unispeech' })).toMatchObject({ num_hidden_layers: 12 });
    await expect(read({ model_type: 'echo-speech', num_hidden_layers: 6 })).rejects.toThrow(
      'memory/config.json: "num_hidden_layers" is 6, but it must be a whole number from 1 to 5.',
    );
    await expect(read({ model_type: 'echo-speech', add_adapter: true })).rejects.toThrow(
      'EchoSpeech models with adapters are not supported',
    );
  });

  test('that is left out means the first class', async () => {
    expect(await read({})).toBeInstanceOf(UniSpeechConfig);
  });

  test.each(['sew-d', 'wav2vec2-bert', 'whisper', 'UniSpeech', '', null, 5, {}, '__proto__'])(
    '%j is refused with a list of what is supported',
    async (model_type) => {
      const error: unknown = await read({ model_type }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(
          /^memory\/config\.json: "model_type" is .*, but this engine runs "unispeech", "wav2vec2", "hubert", .*"\.$/,
        ) as string,
      });
      for (const { family } of CONFIG_CLASSES) expect(String(error)).toContain(`"${family.model_type}"`);
    },
  );

  test('without a class for the task is refused with the types that have one', async () => {
    const files = memoryFiles({ 'config.json': '{"model_type":"hubert"}' });
    const kinds = [Wav2Vec2ForXVector, UniSpeechSatForXVector];
    await expect(loadRunner(files, kinds, noDevice)).rejects.toMatchObject({
      code: 'unsupported',
      sentence:
        'memory/config.json: "model_type" is "hubert", but this task has models of "wav2vec2", "unispeech-sat".',
    });
  });

  test('of another family is refused by the class of one', () => {
    expect(() => UniSpeechConfig.fromJson({ model_type: 'echo-speech' })).toThrow(
      '"model_type" is "echo-speech", but this class is for "unispeech".',
    );
    expect(CONFIG_CLASSES[0]).toBe(UniSpeechConfig);
  });

  test('stays in the JSON of a configuration, and nothing of the family with it', async () => {
    const json = (await read({ model_type: 'echo-speech', x: 1 })).toJSON();
    expect(json).toMatchObject({ model_type: 'echo-speech', x: 1, num_hidden_layers: 3 });
    expect(json).not.toHaveProperty('family');
  });
});

const stepsOf = ({ steps }: Plan) => steps.map(({ name, call }) => `${name}: ${call.kernel.name}`);

test('a graph is the encoder and the head, and weights and plan are of both', async () => {
  const config = EchoConfig.fromJson({});
  const echo = await loadArchitecture(config, SPEAKER_HEAD);
  const options = {
    masksFrames: false,
    hiddenStates: false,
    attentions: false,
    hiddenStatesConvention: 'current',
  } as const;
  const { inputs, outputs } = buildModelGraph(echo, options);
  expect([...inputs.keys()]).toEqual(['input_values', 'key_counts', 'speaker']);
  expect([...outputs.keys()]).toEqual(['scores', 'last_hidden_state']);
  expect(modelLayout(echo).map(({ name }) => name)).toEqual([
    ...modelLayout({ ...echo, head: NO_HEAD }).map(({ name }) => name),
    'speaker_scores.weight',
    'speaker_scores.bias',
  ]);
  const plan = planClip(echo, adapter(8), 1);
  const plain = await loadArchitecture(UniSpeechConfig.fromJson({ num_hidden_layers: 3 }), NO_HEAD);
  const encoder = planClip(plain, adapter(8), 1);
  expect(stepsOf(plan).slice(0, -1)).toEqual(stepsOf(encoder));
  expect(plan.steps.at(-1)?.name).toBe('speaker scores');
});

const HEAD_WEIGHTS = { weight: new Float32Array(18), bias: new Float32Array(3) };
const noDevice = (): Promise<never> => Promise.reject(new Error('a device was opened'));

/** Files that list what was read as text. */
function listed(files: ModelFiles): { readonly files: ModelFiles; readonly read: string[] } {
  const names: string[] = [];
  const readText: ModelFiles['readText'] = (name, ...rest) => {
    names.push(name);
    return files.readText(name, ...rest);
  };
  return { files: { ...files, readText }, read: names };
}

describe('a checkpoint of the family', () => {
  test('fits with its prefix and its head, and config.json is read once', async () => {
    const { files, read: names } = listed(
      memoryFiles(await echoFiles(`${goldensFolder}tiny/layer-stable`, HEAD_WEIGHTS)),
    );
    const events: ProgressInfo[] = [];
    const loading = loadRunner(files, [ECHO_MODEL], noDevice, {
      progress_callback: (info) => events.push(info),
    });
    await expect(loading).rejects.toThrow('a device was opened');
    expect(names).toEqual(['config.json']);
    // The CTC head of the file is no fault.
    expect(events.filter(({ status }) => status === 'warning')).toEqual([]);
  });

  test('is refused where a tensor of the head is missing, or has the prefix of another family', async () => {
    const files = await echoFiles(`${goldensFolder}tiny/layer-stable`, HEAD_WEIGHTS);
    const asUniSpeech = {
      ...files,
      'config.json': (files['config.json'] as string).replace('echo-speech', 'unispeech'),
    };
    const kinds = [{ config_class: UniSpeechConfig, head: SPEAKER_HEAD }];
    await expect(loadRunner(memoryFiles(asUniSpeech), kinds, noDevice)).rejects.toThrow(
      /tensors are missing: feature_extractor/,
    );
    const other = { ...SPEAKER_HEAD, layout: CTC_HEAD.layout, sizes: CTC_HEAD.sizes };
    const bigger = {
      ...files,
      'config.json': (files['config.json'] as string).replace(/"vocab_size":\s*\d+/, '"vocab_size":500'),
    };
    await expect(
      loadRunner(memoryFiles(bigger), [{ config_class: EchoConfig, head: other }], noDevice),
    ).rejects.toThrow('"vocab_size" is 500 in config.json and 32 in the weights');
  });

  test.each([
    [CTC_HEAD, /2 tensors are missing: lm_head\.weight \[32, 24\], lm_head\.bias \[32\]/],
    [
      SEQUENCE_CLASSIFICATION_HEAD,
      /4 tensors are missing: projector\.weight \[256, 24\], projector\.bias \[256\], classifier/,
    ],
    [
      PRE_TRAINING_HEAD,
      /9 tensors are missing: quantizer\.codevectors \[1, 12, 6\], quantizer\.weight_proj\.weight \[12, 16\]/,
    ],
  ])('without a head is refused with the tensors that it lacks', async (head, message) => {
    const kinds = [{ config_class: UniSpeechConfig, head: head as Head<unknown> }];
    await expect(loadRunner(folderFiles(`${goldensFolder}tiny/base-only`), kinds, noDevice)).rejects.toThrow(
      message,
    );
  });

  test.each([
    [NO_HEAD, 'pre-training'],
    [PRE_TRAINING_HEAD, 'pre-training'],
    [NO_HEAD, 'layer-stable'],
  ])('of another class opens without a word where nothing is missing', async (head, name) => {
    const events: ProgressInfo[] = [];
    const kinds = [{ config_class: UniSpeechConfig, head: head as Head<unknown> }];
    const loading = loadRunner(folderFiles(`${goldensFolder}tiny/${name}`), kinds, noDevice, {
      progress_callback: (info) => events.push(info),
    });
    await expect(loading).rejects.toThrow('a device was opened');
    expect(events.filter(({ status }) => status === 'warning')).toEqual([]);
  });

  test('whose codes cannot be shared among the groups is refused with both numbers', async () => {
    const json = { model_type: 'unispeech', codevector_dim: 12, num_codevector_groups: 5 };
    const architecture = await loadArchitecture(UniSpeechConfig.fromJson(json), PRE_TRAINING_HEAD);
    expect(() => modelLayout(architecture)).toThrow(
      'config.json: "codevector_dim" (12) must be divisible by "num_codevector_groups" (5).',
    );
    // Other classes do not read them.
    expect(modelLayout({ ...architecture, head: CTC_HEAD }).length).toBeGreaterThan(0);
  });

  test('of a family that no class has is refused before the weights are opened', async () => {
    const files = memoryFiles({ 'config.json': '{"model_type":"echo-speech"}' });
    await expect(loadRunner(files, [UniSpeechForCTC], noDevice)).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

test('the head of a file is the one whose tensors it holds', () => {
  const headWith = (...names: readonly string[]) => headOf(new Map(names.map((name) => [name, 0])));
  expect(headWith('encoder.layer_norm.weight', 'lm_head.weight')).toBe(CTC_HEAD);
  const classifier = ['projector.weight', 'classifier.weight'];
  expect(headWith(...classifier)).toBe(SEQUENCE_CLASSIFICATION_HEAD);
  expect(headWith(...classifier, 'feature_extractor.weight')).toBe(X_VECTOR_HEAD);
  expect(headWith('classifier.weight')).toBe(FRAME_CLASSIFICATION_HEAD);
  expect(headWith('project_q.weight', 'project_hid.weight', 'ctc_proj.weight')).toBe(PRE_TRAINING_HEAD);
  expect(headWith('project_q.weight', 'project_hid.weight')).toBe(CONTRASTIVE_HEAD);
  expect(headWith('project_q.weight', 'label_embeddings_concat')).toBe(SPEAKER_PRE_TRAINING_HEAD);
  expect(headWith('encoder.layer_norm.weight')).toBe(NO_HEAD);
});
