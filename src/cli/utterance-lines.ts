/** Files of utterances, one a line. Pure. */
import { counted } from '../base/counted.ts';
import { UniSpeechError } from '../base/errors.ts';
import { isPythonSpace } from '../base/python-space.ts';

export interface UtteranceLine {
  /** Of its line: what stands before the first white space, or its number from 1. */
  readonly name: string;
  readonly text: string;
}

/** @param isKeyed whether the first word of a line is its name, as in Kaldi; then empty lines count for nothing. @throws UniSpeechError `bad-input` for a name that comes twice. */
export function utterancesOf(file: string, text: string, isKeyed: boolean): readonly UtteranceLine[] {
  const lines = text.split(/\r?\n/);
  // The end of the last line begins no other.
  if (lines.at(-1) === '') lines.pop();
  if (!isKeyed) return lines.map((line, index) => ({ name: String(index + 1), text: line }));
  const names = new Set<string>();
  return lines.flatMap((line) => {
    const start = placeOf(line, 0, false);
    const end = placeOf(line, start, true);
    const name = line.slice(start, end);
    if (name === '') return [];
    if (names.has(name)) throw new UniSpeechError('bad-input', `${file} has the utterance ${name} twice.`);
    names.add(name);
    return [{ name, text: line.slice(end) }];
  });
}

/** The first place from there on that is white space, or is none; the end where there is no such place. */
function placeOf(line: string, from: number, isSpace: boolean): number {
  let place = from;
  while (place < line.length && isPythonSpace(line.charCodeAt(place)) !== isSpace) place += 1;
  return place;
}

/**
 * The second list in the order of the first one.
 * @throws UniSpeechError `bad-input` where one has an utterance that the other lacks.
 */
export function paired(
  [firstFile, first]: readonly [file: string, utterances: readonly UtteranceLine[]],
  [secondFile, second]: readonly [file: string, utterances: readonly UtteranceLine[]],
): readonly UtteranceLine[] {
  const texts = new Map(second.map((utterance) => [utterance.name, utterance]));
  const missing = first.find(({ name }) => !texts.has(name));
  if (missing !== undefined) throw alone(firstFile, first, missing.name, secondFile, second);
  const names = new Set(first.map(({ name }) => name));
  const extra = second.find(({ name }) => !names.has(name));
  if (extra !== undefined) throw alone(secondFile, second, extra.name, firstFile, first);
  return first.flatMap(({ name }) => texts.get(name) ?? []);
}

const alone = (
  file: string,
  utterances: readonly UtteranceLine[],
  name: string,
  other: string,
  others: readonly UtteranceLine[],
): UniSpeechError =>
  new UniSpeechError(
    'bad-input',
    `${file} has ${counted(utterances.length, 'utterance')} and ${other} ${others.length}; ${other} lacks utterance ${name}.`,
    'Give both files the same utterances; what was not recognised has an empty text.',
  );
