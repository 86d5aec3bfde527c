/** The command line of `npm run bench -- browser`. */
import { parseArgs } from 'node:util';
import { isModelName, MODEL_NAMES, type CheckpointName } from '../lib/checkpoints.ts';

export interface BrowserOptions {
  readonly model: CheckpointName;
  readonly seconds: number;
  /** Steady runs after the first. */
  readonly runs: number;
  readonly jsonFile: string | undefined;
}

export const HELP = `The browser build in headless Chromium: size, load, first run, memory, longest task of the main thread.

Usage: npm run bench -- browser [options]
  --model NAME       one of ${MODEL_NAMES.join(', ')} (default base)
  --seconds N        length of audio (default 1)
  --runs N           steady runs (default 2)
  --json FILE        also write everything measured
`;

/** @returns undefined where help is asked for. @throws TypeError for what is not understood. */
export function parseOptions(args: readonly string[]): BrowserOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', default: 'base' },
      seconds: { type: 'string', default: '1' },
      runs: { type: 'string', default: '2' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (!isModelName(values.model)) throw new TypeError(`--model: expected one of ${MODEL_NAMES.join(', ')}`);
  const seconds = Number(values.seconds);
  const runs = Number(values.runs);
  if (!(seconds > 0)) throw new TypeError(`--seconds: expected a positive number, got "${values.seconds}"`);
  if (!Number.isInteger(runs) || runs < 1)
    throw new TypeError(`--runs: expected a count, got "${values.runs}"`);
  return { model: values.model, seconds, runs, jsonFile: values.json };
}
