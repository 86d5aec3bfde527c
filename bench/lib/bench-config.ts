/** The checked configurations of the seeded random models. For Node and browsers. */
import { CONFIGS, type CheckpointName } from '../../scripts/lib/model-configs.mjs';
import { JsonFile } from '../../src/base/json-file.ts';
import type { EncoderConfig } from '../../src/speech/encoder/config.ts';
import { chooseByModelType } from '../../src/speech/encoder/family.ts';
import { CONFIG_CLASSES } from '../../src/speech/families/family-list.ts';

/** @throws UniSpeechError `unsupported` if the engine does not run its family. */
export function benchConfig(name: CheckpointName): EncoderConfig {
  const json = CONFIGS[name];
  return new (chooseByModelType(new JsonFile(name, json), CONFIG_CLASSES))(json, name);
}
