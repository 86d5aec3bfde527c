/**
 * Finds the tensors that a model needs in a file, however the file spells their names
 * (`transformers/conversion_mapping.py`, and the base-model prefix of `PreTrainedModel`).
 */
import { UniSpeechError } from '../base/errors.ts';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { isWeightDtype, WEIGHT_DTYPES } from './dtype.ts';
import { quote } from './safetensors.ts';

/** A tensor that config and class call for. Names have no prefix, and a weight norm is `weight_g` and `weight_v`. */
export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Words of 32 bits, instead of numbers of any precision. */
  readonly dtype?: 'U32';
}

export interface ResolvedNames {
  /** Expected name → name in the file, in the order of the file. */
  readonly names: ReadonlyMap<string, string>;
  /** Names in the file that nothing asked for, without those of heads. */
  readonly unexpected: readonly string[];
}

/** The spelling of tensor names in the files of one model family. */
export interface NameRules {
  /** What stands in front of the names of the base model in files of models with heads. */
  readonly basePrefix: string;
  /**
   * Starts of the names of tensors that only some classes have, heads above all: no fault in a file that is read as another
   * class. They have no prefix here.
   */
  readonly otherTensors: readonly string[];
}

/** Ends of names that PyTorch and transformers changed in the course of time, in all models: in the file, and as expected. */
const SPELLINGS: Readonly<Record<string, string>> = {
  '.parametrizations.weight.original0': '.weight_g',
  '.parametrizations.weight.original1': '.weight_v',
  'LayerNorm.gamma': 'LayerNorm.weight',
  'LayerNorm.beta': 'LayerNorm.bias',
};

/**
 * Maps the expected tensors onto those of the file.
 * @param reasonsOf looks for reasons behind what does not fit, in the shapes by expected name.
 * @throws UniSpeechError `bad-checkpoint`: one error for all tensors that are missing or of a wrong shape or dtype.
 */
export function resolveNames(
  expected: readonly ExpectedTensor[],
  checkpoint: Pick<Checkpoint, 'name' | 'tensors' | 'unlisted'>,
  rules: NameRules,
  reasonsOf: (shapes: ReadonlyMap<string, readonly number[]>) => readonly string[] = () => [],
): ResolvedNames {
  const fileNames = canonicalNames(checkpoint, rules);
  checkWeightNorms(expected, fileNames, checkpoint.name);
  const wanted = new Map(expected.map((tensor) => [tensor.name, tensor]));
  const problems = findProblems(expected, fileNames, checkpoint.tensors);
  if (problems.length > 0) {
    const shapes = new Map(
      [...fileNames].map(([name, fileName]) => [name, checkpoint.tensors.get(fileName)?.shape ?? []]),
    );
    throw new UniSpeechError(
      'bad-checkpoint',
      `${checkpoint.name} does not fit its config and the model class: ${[...reasonsOf(shapes), ...problems].join('; ')}.`,
      'Use the config.json that belongs to these weights, and the class they were saved from.',
    );
  }
  const names = new Map<string, string>();
  const unexpected = [...checkpoint.unlisted];
  for (const [canonical, fileName] of fileNames) {
    if (wanted.has(canonical)) names.set(canonical, fileName);
    else if (!rules.otherTensors.some((start) => canonical.startsWith(start))) unexpected.push(fileName);
  }
  return { names, unexpected };
}

/** Canonical name → name in the file, in the order of the file. */
function canonicalNames(
  { name, tensors }: Pick<Checkpoint, 'name' | 'tensors'>,
  rules: NameRules,
): ReadonlyMap<string, string> {
  const fileNames = new Map<string, string>();
  for (const fileName of tensors.keys()) {
    const canonical = canonicalName(fileName, rules);
    const other = fileNames.get(canonical);
    if (other !== undefined) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${name} holds both ${quote(other)} and ${quote(fileName)}, two spellings of one tensor.`,
        'Save the model again with one of them.',
      );
    }
    fileNames.set(canonical, fileName);
  }
  return fileNames;
}

/** Tensors of a head that are called like a part of the base model: these they are only if their names have no prefix. */
const UNPREFIXED = ['feature_extractor.weight', 'feature_extractor.bias'];

function canonicalName(fileName: string, { basePrefix }: NameRules): string {
  const stripped = fileName.startsWith(basePrefix) ? fileName.slice(basePrefix.length) : fileName;
  const name = UNPREFIXED.includes(stripped) ? fileName : stripped;
  for (const [inFile, expected] of Object.entries(SPELLINGS)) {
    if (name.endsWith(inFile)) return name.slice(0, -inFile.length) + expected;
  }
  return name;
}

/** A folded weight cannot be told from a foreign one, and transformers would run with random weights instead. */
function checkWeightNorms(
  expected: readonly ExpectedTensor[],
  fileNames: ReadonlyMap<string, string>,
  checkpointName: string,
): void {
  for (const { name } of expected) {
    const weight = name.replace(/\.weight_[gv]$/, '.weight');
    const folded = fileNames.get(weight);
    if (weight === name || folded === undefined || fileNames.has(name)) continue;
    throw new UniSpeechError(
      'bad-checkpoint',
      `${checkpointName} holds a ready-made ${quote(folded)}, expected its weight norm as weight_g and weight_v ` +
        `(or parametrizations.weight.original0 and original1).`,
      'Save the model without removing the weight norm.',
    );
  }
}

function findProblems(
  expected: readonly ExpectedTensor[],
  fileNames: ReadonlyMap<string, string>,
  tensors: ReadonlyMap<string, CheckpointTensor>,
): readonly string[] {
  const missing: string[] = [];
  const shapes: string[] = [];
  const dtypes: string[] = [];
  for (const { name, shape, dtype } of expected) {
    const fileName = fileNames.get(name) ?? '';
    const found = tensors.get(fileName);
    if (!found) {
      missing.push(`${name} ${show(shape)}`);
      continue;
    }
    if (show(shape) !== show(found.shape)) {
      shapes.push(`${fileName} (expected ${show(shape)}, found ${show(found.shape)})`);
    }
    const isAllowed = dtype === undefined ? isWeightDtype(found.dtype) : dtype === found.dtype;
    if (!isAllowed) {
      const wanted = dtype ?? `one of ${WEIGHT_DTYPES.join(', ')}`;
      dtypes.push(`${fileName} (expected ${wanted}, found ${found.dtype})`);
    }
  }
  return [
    ...listProblem('missing', missing),
    ...listProblem('of a wrong shape', shapes),
    ...listProblem('of a wrong dtype', dtypes),
  ];
}

const show = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** "3 tensors are missing: a, b and 1 more", or nothing for an empty list. */
function listProblem(problem: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return [
    `${items.length} ${items.length === 1 ? 'tensor is' : 'tensors are'} ${problem}: ${listNames(items)}`,
  ];
}

/** "a, b and 1 more": up to four names, or fewer long ones. */
export function listNames(names: readonly string[]): string {
  let count = 1;
  let length = names[0]?.length ?? 0;
  while (count < Math.min(4, names.length) && (length += names[count]?.length ?? 0) < 120) count++;
  const more = names.length > count ? ` and ${names.length - count} more` : '';
  return `${names.slice(0, count).join(', ')}${more}`;
}
