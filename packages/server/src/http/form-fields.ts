/** The fields of a form by their names, with and without brackets, and which of them nothing has read. Pure. */
import { ApiError } from './api-error.ts';

/**
 * Fields of a form. `name[]` and `name` are one field, and `name[key]` is the key of an object, as OpenAI's clients write lists and objects.
 * Whatever is not taken by the end is named to the client: nothing is ignored in silence.
 */
export class FormFields {
  readonly #values = new Map<string, string[]>();
  readonly #objects = new Map<string, Map<string, string>>();
  readonly #untaken: Set<string>;

  constructor(fields: Iterable<readonly [name: string, value: string]>) {
    for (const [written, value] of fields) {
      const [, name = written, key] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(written) ?? [];
      if (key === undefined || key === '') this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
      else this.#objects.set(name, (this.#objects.get(name) ?? new Map<string, string>()).set(key, value));
    }
    this.#untaken = new Set([...this.#values.keys(), ...this.#objects.keys()]);
  }

  /** The only value of a field; undefined where it is not there or empty. @throws ApiError `invalid_value` for two of them. */
  one(name: string): string | undefined {
    const values = this.list(name);
    if (values.length > 1)
      throw new ApiError(
        'invalid_value',
        `The field "${name}" is there ${values.length} times, expected once.`,
        {
          param: name,
        },
      );
    return values[0];
  }

  /** All values that are not empty. */
  list(name: string): readonly string[] {
    this.#untaken.delete(name);
    return (this.#values.get(name) ?? []).filter((value) => value.trim() !== '');
  }

  /** Values of a field that may be repeated or have commas. @throws ApiError `unsupported_value` for others than `known`. */
  choices<Choice extends string>(name: string, known: readonly Choice[]): ReadonlySet<Choice> {
    const chosen = new Set<Choice>();
    for (const value of this.list(name).flatMap((text) => text.split(',')))
      if (value.trim() !== '') chosen.add(choiceOf(name, value.trim(), known));
    return chosen;
  }

  /** @throws ApiError `unsupported_value` */
  choice<Choice extends string>(name: string, known: readonly Choice[]): Choice | undefined {
    const value = this.one(name);
    return value === undefined ? undefined : choiceOf(name, value, known);
  }

  /** `true`, `1`, `false`, `0`, or nothing. @throws ApiError `invalid_value` */
  flag(name: string): boolean {
    const value = this.one(name);
    if (value === undefined) return false;
    const known = { true: true, '1': true, false: false, '0': false }[value.toLowerCase()];
    if (known !== undefined) return known;
    throw new ApiError('invalid_value', `The field "${name}" is ${shown(value)}, expected true or false.`, {
      param: name,
    });
  }

  /** The keys of `name[key]`. */
  object(name: string): ReadonlyMap<string, string> {
    this.#untaken.delete(name);
    return this.#objects.get(name) ?? new Map<string, string>();
  }

  /** What has been read and has no effect in this request after all. */
  giveBack(name: string): void {
    if (this.#values.has(name) || this.#objects.has(name)) this.#untaken.add(name);
  }

  /** Names of fields that had no effect. */
  get ignored(): readonly string[] {
    return [...this.#untaken];
  }
}

export const choiceOf = <Choice extends string>(
  name: string,
  value: string,
  known: readonly Choice[],
): Choice => {
  const choice = known.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new ApiError(
    'unsupported_value',
    `The field "${name}" is ${shown(value)}, expected ${known.map((candidate) => `"${candidate}"`).join(', ')}.`,
    { param: name },
  );
};

export const shown = (value: string): string =>
  JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);

/** Of one header. */
const MAX_IGNORED_LENGTH = 1024;

/** Names of fields as a header may hold them: what is no part of a token is percent-encoded, lone surrogates first of all replaced. */
export function ignoredHeader(names: readonly string[]): string {
  const shownNames: string[] = [];
  let length = 0;
  for (const name of names) {
    const encoded = encodeURIComponent(Buffer.from(name).toString());
    length += encoded.length + 2;
    if (length > MAX_IGNORED_LENGTH) return [...shownNames, '...'].join(', ');
    shownNames.push(encoded);
  }
  return shownNames.join(', ');
}
