/** The facts about a model family that the encoder needs. Each family is a file with this data in `src/speech/families`. */
import { describeValue, UniSpeechError } from '../../base/errors.ts';
import type { JsonFile } from '../../base/json-file.ts';
import type { NameRules } from '../../checkpoint/names.ts';
import type { ConfigFields, OwnFieldRules } from './config-fields.ts';
import type { EncoderPieces } from './pieces.ts';

export interface Family {
  /** `model_type` of config.json. */
  readonly model_type: string;
  /** The start of its class names, shown in errors. */
  readonly className: string;
  /** The fields of config.json whose default or bounds differ from `config-fields.ts`, and those that only this family has. */
  readonly fields: () => OwnFieldRules;
  /** How files spell the names of its tensors. */
  readonly names: NameRules;
  /** Which adapters its models may have, by the field of config.json that adds them. Others are refused. */
  readonly adapters?: readonly AdapterField[];
  /** Whether files hold `masked_spec_embed` even if no probability of config.json asks for masks. */
  readonly alwaysHasMaskEmbedding?: boolean;
  /**
   * Frames that become one before the layers, for a configuration of this family; without it each is its own. The mask of such models is
   * plain: a row that is shorter than the receptive field has no frame at all.
   */
  pooledFrames?(config: ConfigFields): number;
  /** Whether the last frames of a clip read the padding behind it, for a reason that only this family has. */
  readsPadding?(config: ConfigFields): boolean;
  /**
   * Loads the pieces in which its encoder differs from the common one, for a configuration of this family.
   * @throws UniSpeechError `network` where the code of one is out of reach.
   */
  pieces?(config: ConfigFields): Promise<Partial<EncoderPieces>>;
}

export type AdapterField = 'add_adapter' | 'adapter_attn_dim';

/** Something that belongs to one family. */
interface OfFamily {
  readonly family: Family;
}

/**
 * Finds the candidate whose family has the `model_type` of config.json. Without a `model_type`, as in some old files, it is the first.
 * @param known all families, where the candidates are some of them.
 * @throws UniSpeechError `unsupported` that lists the possible values: all where the type is unknown, else those of the candidates.
 */
export function chooseByModelType<T extends OfFamily>(
  file: JsonFile,
  candidates: readonly T[],
  known: readonly OfFamily[] = [],
): T {
  const modelType = file.get('model_type');
  const isOfType = ({ family }: OfFamily): boolean =>
    modelType === undefined || family.model_type === modelType;
  const found = candidates.find(isOfType);
  if (found) return found;
  const refusal = (expected: string, families: readonly OfFamily[], fix?: string): UniSpeechError => {
    const list = families.map(({ family }) => `"${family.model_type}"`).join(', ');
    const type = describeValue(modelType);
    return new UniSpeechError(
      'unsupported',
      `${file.name}: "model_type" is ${type}, but ${expected} ${list}.`,
      fix,
    );
  };
  const isKnown = known.length === 0 || known.some(isOfType);
  if (!isKnown) throw refusal('this engine runs', known);
  const whose = candidates.length === 1 ? 'this class is for' : 'this task has models of';
  throw refusal(
    whose,
    candidates,
    'Use a class of that type, or the Auto class of the task that the model was trained for.',
  );
}
