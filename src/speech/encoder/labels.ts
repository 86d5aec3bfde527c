/** The classes of a classification head: their number and their names, as config.json gives them (`configuration_utils.py`). */
import { isCount } from '../../base/checks.ts';
import type { JsonFile } from '../../base/json-file.ts';

export interface LabelFields {
  /** Number of classes: the entries of `id2label`. */
  readonly num_labels: number;
  /** Names by class; `LABEL_0`, `LABEL_1`, … where the file has none. */
  readonly id2label: Readonly<Record<number, string>>;
  readonly label2id: Readonly<Record<string, number>>;
}

const DEFAULT_LABEL_COUNT = 2;
const MAX_LABEL_COUNT = 2 ** 19;

/** @throws UniSpeechError `bad-config` naming the key, what it is and what it may be. */
export function readLabels(file: JsonFile): LabelFields {
  const count = file.get('num_labels') ?? DEFAULT_LABEL_COUNT;
  if (!isCount(count) || count < 1 || count > MAX_LABEL_COUNT)
    throw file.wrong('num_labels', `a whole number from 1 to ${MAX_LABEL_COUNT}`);
  const names = file.object('id2label');
  const ids = names?.keys() ?? Array.from({ length: count }, (_, id) => String(id));
  const labels = ids.map((id): unknown => (names ? names.get(id) : `LABEL_${id}`));
  const isNamed =
    labels.every((label) => typeof label === 'string') && ids.every((id) => /^\d{1,9}$/.test(id));
  if (!isNamed || ids.length > MAX_LABEL_COUNT)
    throw file.wrong(
      'id2label',
      `an object with a string for each number of a class, at most ${MAX_LABEL_COUNT}`,
    );
  const pairs = ids.map((id, index): [number, string] => [Number(id), String(labels[index])]);
  return {
    num_labels: pairs.length,
    id2label: Object.fromEntries(pairs),
    label2id: readIds(file) ?? Object.fromEntries(pairs.map(([id, label]) => [label, id])),
  };
}

/** Old files have numbers written as strings. */
function readIds(file: JsonFile): LabelFields['label2id'] | undefined {
  const ids = file.object('label2id');
  return (
    ids &&
    Object.fromEntries(
      ids.keys().map((label) => {
        const value = ids.get(label);
        const id = typeof value === 'string' && value !== '' ? Number(value) : value;
        if (!isCount(id)) throw ids.wrong(label, 'the number of a class');
        return [label, id];
      }),
    )
  );
}
