/** The commands about speakers: what `diarize` and `verify` take from the command line. */
import { type AudioCommand, audioCommand } from './audio-command.ts';
import { rttmName } from './rttm-name.ts';
import { choiceOf, numberOf, secondsOf, UsageError, type Values } from './words.ts';

export interface DiarizeCommand extends AudioCommand {
  readonly name: 'diarize';
  readonly threshold: number | undefined;
  readonly minSeconds: number | undefined;
  readonly minGapSeconds: number | undefined;
  readonly format: 'text' | 'json' | 'rttm';
}

export interface VerifyCommand extends AudioCommand {
  readonly name: 'verify';
  readonly files: readonly [first: string, second: string];
  readonly threshold: number | undefined;
  readonly json: boolean;
}

/** @throws UsageError. */
export function diarizeCommand(files: readonly string[], values: Values): DiarizeCommand {
  const command = audioCommand('diarize', files, values);
  const { threshold, 'min-duration': minDuration, 'min-gap': minGap } = values;
  const format = formatOf(values);
  const names = files.map(rttmName);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (format === 'rttm' && twice !== undefined)
    throw new UsageError(`RTTM knows a file by its name without the ending, found ${twice} twice`);
  return {
    name: 'diarize',
    ...command,
    threshold: threshold === undefined ? undefined : numberOf('--threshold', threshold, 0, 1),
    minSeconds: minDuration === undefined ? undefined : secondsOf('--min-duration', minDuration),
    minGapSeconds: minGap === undefined ? undefined : secondsOf('--min-gap', minGap),
    format,
  };
}

const FORMATS = ['text', 'json', 'rttm'] as const;

function formatOf({ format, json = false, rttm = false }: Values): DiarizeCommand['format'] {
  const asked = [
    ...(format === undefined ? [] : [choiceOf('--format', format, FORMATS)]),
    ...(json ? (['json'] as const) : []),
    ...(rttm ? (['rttm'] as const) : []),
  ];
  const [first = 'text', ...others] = asked;
  const other = others.find((each) => each !== first);
  if (other !== undefined) throw new UsageError(`the formats ${first} and ${other} exclude each other`);
  return first;
}

/** @throws UsageError. */
export function verifyCommand(files: readonly string[], values: Values): VerifyCommand {
  const [first, second, ...more] = files;
  if (first === undefined || second === undefined || more.length > 0)
    throw new UsageError(`verify compares two FILEs, found ${files.length}`);
  const { threshold, json = false } = values;
  return {
    name: 'verify',
    ...audioCommand('verify', files, values),
    files: [first, second],
    threshold: threshold === undefined ? undefined : numberOf('--threshold', threshold, -1, 1),
    json,
  };
}
