/**
 * Classes that are divided into groups, of which each has one answer of its own: action, object and location of a spoken command. Pure.
 */
import { isCount, isList, isRecord } from '../base/checks.ts';
import { badOption } from '../base/option-checks.ts';

/** The classes from one number up to another, which is not included. */
export type LabelRange = readonly [from: number, to: number];
/** The ranges of groups, by their names or in a list; then '0', '1', … are the names. */
export type LabelGroups = readonly LabelRange[] | Readonly<Record<string, LabelRange>>;

export interface LabelGroup {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** What a group needs to know of a configuration. */
export interface ClassNames {
  readonly id2label: Readonly<Record<number, string>>;
  readonly num_labels: number;
}

/**
 * @param option `label_groups` of a call: false for one group of all classes, null or undefined for what the names of the classes tell.
 * @returns undefined for one group.
 * @throws UniSpeechError `bad-option`.
 */
export function labelGroupsOf(option: unknown, classes: ClassNames): readonly LabelGroup[] | undefined {
  if (option === false) return undefined;
  if (option === undefined || option === null) return isIntentModel(classes) ? INTENT_GROUPS : undefined;
  // `Array.from` makes entries of holes.
  const groups = isList(option) ? Array.from(option) : isRecord(option) ? option : {};
  const entries = Object.entries(groups);
  if (entries.length === 0 || !entries.every(([, range]) => isRange(range, classes.num_labels))) {
    throw badOption(
      'label_groups',
      option,
      `false, or ranges [from, to] of classes with from < to ≤ ${classes.num_labels}, in a list or by their names`,
    );
  }
  return (entries as readonly [string, LabelRange][]).map(([name, [from, to]]) => ({ name, from, to }));
}

function isRange(value: unknown, classCount: number): value is LabelRange {
  const [from, to, ...more] = isList(value) ? value : [];
  return isCount(from) && isCount(to) && from < to && to <= classCount && more.length === 0;
}

/**
 * SUPERB's intent classification (Fluent Speech Commands): 24 classes, of which one is true in each of three groups. The order within a group
 * is that of the file.
 */
const INTENT_GROUPS: readonly LabelGroup[] = [
  { name: 'action', from: 0, to: 6 },
  { name: 'object', from: 6, to: 20 },
  { name: 'location', from: 20, to: 24 },
];
const INTENT_CLASS_COUNT = 24;
const ACTIONS = 'activate bring changelanguage deactivate decrease increase';
const LOCATIONS = 'bedroom kitchen none washroom';

/** Whether the classes are actions, objects and locations, whatever the spelling of "change language". */
function isIntentModel({ id2label, num_labels }: ClassNames): boolean {
  if (num_labels !== INTENT_CLASS_COUNT) return false;
  const names = Array.from({ length: num_labels }, (_, index) =>
    (id2label[index] ?? '').toLowerCase().replace(/[^a-z]/g, ''),
  );
  const sorted = (from: number, to: number): string => names.slice(from, to).sort().join(' ');
  return sorted(0, 6) === ACTIONS && sorted(20, 24) === LOCATIONS;
}
