/** Small readers of captions and files of words, strict to the letter and apart from the sources: what they refuse is wrong. */

export interface ReadCue {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

function fail(what: string): never {
  throw new Error(`not as the format has it: ${what}`);
}

const matched = (pattern: RegExp, text: string | undefined): RegExpExecArray =>
  (text === undefined ? null : pattern.exec(text)) ??
  fail(`${JSON.stringify(text)} is not ${pattern.source}`);

const secondsOf = ([
  ,
  hours = '',
  minutes = '',
  seconds = '',
  milliseconds = '',
]: readonly string[]): number =>
  Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(milliseconds) / 1000;

function cuesOf(text: string, separator: string, numbered: boolean): ReadCue[] {
  if (text === '') return [];
  if (!text.endsWith('\n') || text.endsWith('\n\n')) fail('its end');
  const stamp = `\\d\\d+:[0-5]\\d:[0-5]\\d${separator}\\d\\d\\d`;
  return text
    .slice(0, -1)
    .split('\n\n')
    .map((block, index) => {
      const lines = block.split('\n');
      if (numbered && lines.shift() !== String(index + 1)) fail(`the number of block ${index + 1}`);
      const [, from = '', to = ''] = matched(new RegExp(`^(${stamp}) --> (${stamp})$`), lines.shift());
      const read = (time: string): number => secondsOf(matched(/^(\d+):(\d\d):(\d\d).(\d\d\d)$/, time));
      if (read(to) <= read(from)) fail(`a caption from ${from} to ${to}`);
      if (lines.length === 0 || lines.some((line) => line.trim() === '')) fail('a caption without text');
      return { start: read(from), end: read(to), lines };
    });
}

export const parseSrt = (text: string): ReadCue[] => cuesOf(text, ',', true);

/** Texts come with their entities and tags. */
export function parseVtt(text: string): ReadCue[] {
  if (text === 'WEBVTT\n') return [];
  const cues = cuesOf(matched(/^WEBVTT\n\n([^]*)$/, text)[1] ?? '', '\\.', false);
  for (const { start, end, lines } of cues) {
    const plain = lines.join('\n').replace(/&(amp|lt|gt);/g, '');
    let last = start;
    for (const tag of plain.match(/<[^>]*>/g) ?? []) {
      const time = secondsOf(matched(/^<(\d\d):(\d\d):(\d\d)\.(\d\d\d)>$/, tag));
      if (time <= last || time >= end) fail(`${tag} in a caption from ${start} to ${end}`);
      last = time;
    }
    if (/[&<>]/.test(plain.replace(/<[^>]*>/g, ''))) fail(`the text ${plain}`);
  }
  return cues;
}

export type ReadTier = readonly (readonly [start: number, end: number, text: string])[];

/** Of the long form: tiers of intervals, by name, without gaps. */
export function parseLongTextGrid(text: string): {
  readonly end: number;
  readonly tiers: ReadonlyMap<string, ReadTier>;
} {
  const lines = text.split('\n');
  const next = (pattern: RegExp): string => matched(pattern, lines.shift())[1] ?? '';
  const unquoted = (string: string): string => {
    if (/(^|[^"])"("")*([^"]|$)/.test(string)) fail(`a quote in ${string}`);
    return string.replaceAll('""', '"');
  };
  const number = (indent: string, key: string): number =>
    Number(next(new RegExp(`^${indent}${key} = (-?\\d+(?:\\.\\d+)?(?:e-\\d+)?) $`)));
  for (const line of ['File type = "ooTextFile"', 'Object class = "TextGrid"', ''])
    if (lines.shift() !== line) fail(line);
  if (number('', 'xmin') !== 0) fail('its start');
  const end = number('', 'xmax');
  next(/^tiers\? <exists> $/);
  const count = number('', 'size');
  next(/^item \[\]: $/);
  const tiers = new Map<string, ReadTier>();
  for (let index = 1; index <= count; index += 1) {
    next(new RegExp(`^ {4}item \\[${index}\\]:$`));
    next(/^ {8}class = "IntervalTier" $/);
    const name = unquoted(next(/^ {8}name = "(.*)" $/));
    if (number(' {8}', 'xmin') !== 0 || number(' {8}', 'xmax') !== end) fail(`the span of tier ${index}`);
    const intervals: [number, number, string][] = [];
    const intervalCount = number(' {8}', 'intervals: size');
    for (let at = 1; at <= intervalCount; at += 1) {
      next(new RegExp(`^ {8}intervals \\[${at}\\]:$`));
      const interval: [number, number, string] = [number(' {12}', 'xmin'), number(' {12}', 'xmax'), ''];
      interval[2] = unquoted(next(/^ {12}text = "(.*)" $/));
      if (interval[0] !== (intervals.at(-1)?.[1] ?? 0) || interval[1] <= interval[0]) fail(`interval ${at}`);
      intervals.push(interval);
    }
    if (intervals.at(-1)?.[1] !== end) fail(`the end of tier ${index}`);
    tiers.set(name, intervals);
  }
  if (lines.join() !== '') fail('its end');
  return { end, tiers };
}
