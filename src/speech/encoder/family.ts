/** What the encoder has to know of a family of models. Each family is a file of such data in `src/speech/families`. */
import type { JsonFile } from '../../base/json-file.ts';
import type { NameRules } from '../../checkpoint/names.ts';
import type { OwnFieldRules } from './config-fields.ts';

export interface Family {
  /** As config.json says it. */
  readonly model_type: string;
  /** How the names of its classes begin; shown in errors. */
  readonly className: string;
  /** The fields of config.json whose default or bounds are others than in `config-fields.ts`. */
  readonly fields: OwnFieldRules;
  /** How files spell the names of its tensors. */
  readonly names: NameRules;
}

/** Something that belongs to one family. */
interface OfFamily {
  readonly family: Family;
}

/**
 * The candidate whose family is the `model_type` of config.json. A file that names none, as some old ones, is of the first.
 * @throws UniSpeechError `bad-config` listing what it may be.
 */
export function chooseByModelType<T extends OfFamily>(file: JsonFile, candidates: readonly T[]): T {
  const modelType = file.get('model_type');
  const found = candidates.find(({ family }) => modelType === undefined || family.model_type === modelType);
  if (found) return found;
  throw file.wrong('model_type', candidates.map(({ family }) => `"${family.model_type}"`).join(' or '));
}
