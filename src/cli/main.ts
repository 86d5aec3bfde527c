#!/usr/bin/env node
/** The command `unispeech`: parses the command line, runs the command, turns what happened into an exit code. */
import { VERSION } from '../base/version.ts';
import { describeError } from './describe-error.ts';
import { doctor } from './doctor.ts';
import { profile } from './profile.ts';
import { quantize } from './quantize.ts';
import { transcribe } from './transcribe.ts';
import { tune } from './tune.ts';
import { HELP, parseCommand, UsageError } from './usage.ts';

const INTERRUPTED = 130;

async function run(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const command = parseCommand(argv);
  switch (command.name) {
    case 'help':
      process.stdout.write(HELP);
      return 0;
    case 'version':
      process.stdout.write(`${VERSION}\n`);
      return 0;
    case 'doctor':
      return doctor(command.json, signal);
    case 'profile':
      return profile(command, signal);
    case 'quantize':
      return quantize(command, signal);
    case 'tune':
      return tune(command, signal);
    case 'transcribe':
      return transcribe(command, signal);
  }
}

const interruption = new AbortController();
// Only the first Ctrl-C is handled: a second one ends the process at once.
process.once('SIGINT', () => interruption.abort());
try {
  process.exitCode = await run(process.argv.slice(2), interruption.signal);
} catch (error) {
  if (interruption.signal.aborted) {
    process.exitCode = INTERRUPTED;
  } else if (error instanceof UsageError) {
    process.stderr.write(`unispeech: ${error.message}\nRun "unispeech --help" for the usage.\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`unispeech: ${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
