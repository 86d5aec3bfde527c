/** A family and a head that exist in tests only: what whoever adds one writes, and nothing else. */
import { readFile } from 'node:fs/promises';
import { isCount, isView } from '../../src/base/checks.ts';
import { badInput } from '../../src/base/option-checks.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { integerField } from '../../src/speech/encoder/config-fields.ts';
import type { Family } from '../../src/speech/encoder/family.ts';
import { linear } from '../../src/speech/encoder/weight-buffers.ts';
import type { Head } from '../../src/speech/heads/head.ts';
import { outputNamed } from '../../src/speech/heads/read-outputs.ts';
import { parseHeader } from '../../src/checkpoint/safetensors.ts';
import { writeSafetensors } from './safetensors-writer.ts';

/** Another prefix, and another default and other bounds of one field. */
export const ECHO: Family = {
  model_type: 'echo-speech',
  className: 'EchoSpeech',
  fields: () => ({ num_hidden_layers: integerField(3, 1, 5) }),
  names: { basePrefix: 'echo_speech.', otherTensors: ['lm_head.'] },
};

export class EchoConfig extends EncoderConfig {
  static override readonly family = ECHO;
}

export const SPEAKER_SIZE = 6;
export const SCORE_COUNT = 3;

export interface SpeakerScores {
  /** [B, SCORE_COUNT] */
  readonly scores: Tensor<'float32'>;
  /** That of the score which the call names, for each clip: the argument never reaches the GPU. */
  readonly favourite_scores: readonly number[];
  /** [B, T, hidden] */
  readonly last_hidden_state: Tensor<'float32'>;
}

/** A linear layer over `speaker`, SPEAKER_SIZE numbers for each clip. */
export const SPEAKER_HEAD: Head<SpeakerScores> = {
  argumentNames: ['speaker', 'favourite'],
  prepare({ inputs: { speaker, favourite = 0 }, shape: { items } }) {
    if (!isView(speaker, 'Float32Array') || speaker.length !== items * SPEAKER_SIZE)
      throw badInput('speaker', speaker, `${items * SPEAKER_SIZE} float32 numbers`);
    if (!isCount(favourite) || favourite >= SCORE_COUNT)
      throw badInput('favourite', favourite, 'the number of a score');
    const rowStride = 8;
    const rows = new Float32Array(items * rowStride);
    for (let item = 0; item < items; item++)
      rows.set(speaker.subarray(item * SPEAKER_SIZE, (item + 1) * SPEAKER_SIZE), item * rowStride);
    return {
      graphInputs: new Map([['speaker', rows]]),
      readOutputs(outputs) {
        const scores = outputNamed(outputs, 'scores');
        return {
          scores,
          favourite_scores: Array.from(
            { length: items },
            (_, item) => scores.data[item * SCORE_COUNT + favourite] ?? NaN,
          ),
          last_hidden_state: outputNamed(outputs, 'last_hidden_state'),
        };
      },
    };
  },
  layout: () => linear('speaker_scores', SCORE_COUNT, SPEAKER_SIZE),
  sizes: [],
  addTo({ graph, addEncoder }) {
    const { lastHiddenState } = addEncoder();
    const scores = graph.add(
      'speaker scores',
      SCORE_COUNT,
      {
        kind: 'linear',
        x: graph.input('speaker', 'items', SPEAKER_SIZE),
        weight: 'speaker_scores.weight',
        bias: 'speaker_scores.bias',
      },
      'items',
    );
    graph.output('scores', scores);
    graph.output('last_hidden_state', lastHiddenState);
  },
};

/** A model of that family with that head. */
export const ECHO_MODEL = { config_class: EchoConfig, head: SPEAKER_HEAD };

/** The golden model of a folder as a file of that kind: names with the prefix of the family, and a head with these weights. */
export async function echoFiles(
  folder: string,
  head: { readonly weight: Float32Array; readonly bias: Float32Array },
): Promise<Readonly<Record<'config.json' | 'model.safetensors', string | Uint8Array>>> {
  const json = JSON.parse(await readFile(`${folder}/config.json`, 'utf8')) as object;
  const file = await readFile(`${folder}/model.safetensors`);
  const encoder = Array.from(
    parseHeader(file, file.byteLength, 'model.safetensors'),
    ([name, { dtype, shape, byteOffset, byteLength }]) => ({
      name: name.replace('unispeech.', ECHO.names.basePrefix),
      dtype,
      shape,
      data: file.subarray(byteOffset, byteOffset + byteLength),
    }),
  );
  const { weight, bias } = head;
  return {
    'config.json': JSON.stringify({ ...json, model_type: ECHO.model_type }),
    'model.safetensors': writeSafetensors([
      ...encoder,
      { name: 'speaker_scores.weight', dtype: 'F32', shape: [SCORE_COUNT, SPEAKER_SIZE], data: weight },
      { name: 'speaker_scores.bias', dtype: 'F32', shape: [SCORE_COUNT], data: bias },
    ]),
  };
}
