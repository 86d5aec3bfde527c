/** Models of the family's goldens for pipelines: the folder of a case with the preprocessor_config.json that it lacks. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type FamilyCase, familyCases } from './family-goldens.ts';

/** The inputs of the cases are samples as they are. */
export const PREPROCESSOR = JSON.stringify({
  feature_extractor_type: 'Wav2Vec2FeatureExtractor',
  do_normalize: false,
  return_attention_mask: true,
});

export interface FamilyModel extends Disposable {
  readonly golden: FamilyCase;
  readonly folder: string;
  /** The clips of the case without their padding. */
  readonly clips: readonly Float32Array[];
}

export function familyModel(name: string): FamilyModel {
  const golden = familyCases.find((each) => each.name === name);
  if (!golden) throw new Error(`there is no case ${name}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-family-'));
  cpSync(golden.folder, folder, {
    recursive: true,
    filter: (file) => !/(inputs|expected)\.safetensors$/.test(file),
  });
  writeFileSync(path.join(folder, 'preprocessor_config.json'), PREPROCESSOR);
  const { inputs } = golden;
  const values = inputs.tensor('input_values');
  const mask = inputs.has('attention_mask') ? inputs.tensor('attention_mask') : undefined;
  const clips = Array.from({ length: values.dims[0] ?? 0 }, (_, row) => {
    const samples = values.at(row).data as Float32Array;
    const ones = mask ? (mask.at(row).data as Float32Array) : samples.map(() => 1);
    return samples.slice(
      0,
      ones.reduce((sum, one) => sum + one, 0),
    );
  });
  return { golden, folder, clips, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
