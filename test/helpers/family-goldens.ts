/** The goldens of the family: for each case a model folder, the inputs of one call, and what the reference computes from them. */
import { readdirSync, readFileSync } from 'node:fs';
import { Tensor } from '../../src/base/tensor.ts';
import { GoldenFile, goldensFolder } from './golden.ts';

export interface FamilyCase {
  readonly name: string;
  readonly folder: string;
  /** The class of the model. */
  readonly architecture: string;
  readonly modelType: string;
  readonly inputs: GoldenFile;
  readonly expected: GoldenFile;
}

/** Another folder of cases, made with another seed or scale (`test/reference/family_goldens.py`), takes their place where it is named. */
const familyFolder = process.env.UNISPEECH_FAMILY_GOLDENS ?? `${goldensFolder}family`;

export const familyCases: readonly FamilyCase[] = readdirSync(familyFolder)
  .sort()
  .map((name) => {
    const folder = `${familyFolder}/${name}`;
    const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')) as {
      readonly architectures: readonly [string];
      readonly model_type: string;
    };
    return {
      name,
      folder,
      architecture: config.architectures[0],
      modelType: config.model_type,
      inputs: new GoldenFile(`${folder}/inputs.safetensors`),
      expected: new GoldenFile(`${folder}/expected.safetensors`),
    };
  });

export interface FamilyArguments {
  readonly input_values: Tensor;
  readonly labels?: Tensor;
  readonly output_hidden_states: boolean;
  readonly output_attentions: boolean;
}

/** The arguments of the call. The files hold whole numbers as float32, too. */
export function argumentsOf({ inputs, expected }: FamilyCase): FamilyArguments {
  const whole = inputs.names
    .filter((name) => name !== 'input_values')
    .map((name) => {
      const { data, dims } = inputs.tensor(name);
      return [name, new Tensor('int32', Int32Array.from(data as Float32Array), dims)] as const;
    });
  return {
    input_values: inputs.tensor('input_values'),
    ...Object.fromEntries(whole),
    output_hidden_states: expected.has('hidden_states.0'),
    output_attentions: expected.has('attentions.0'),
  };
}
