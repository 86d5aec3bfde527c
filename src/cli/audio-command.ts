/** What commands that take a model, and those that read audio, share of the command line. */
import type { Dtype } from '../speech/encoder/weight-dtype.ts';
import { dtypeOf, secondsOf, UsageError, type Values } from './words.ts';

/** The part of a command that says which model runs. */
export interface ModelCommand {
  readonly model: string;
  readonly dtype: Dtype | undefined;
}

/** A command that reads audio files. */
export interface AudioCommand extends ModelCommand {
  /** Paths, URLs, `-` for standard input. */
  readonly files: readonly string[];
  readonly maxSeconds: number | undefined;
}

/** @throws UsageError. */
export function modelOf(name: string, values: Values): ModelCommand {
  if (!values.model) throw new UsageError(`${name} needs --model DIR`);
  return { model: values.model, dtype: dtypeOf(values) };
}

/** @throws UsageError. */
export function audioCommand(name: string, files: readonly string[], values: Values): AudioCommand {
  if (files.length === 0) throw new UsageError(`${name} needs at least one FILE`);
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read only once');
  const { 'max-duration': maxDuration } = values;
  const maxSeconds = maxDuration === undefined ? undefined : secondsOf('--max-duration', maxDuration);
  return { files, ...modelOf(name, values), maxSeconds };
}
