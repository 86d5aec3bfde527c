#!/usr/bin/env node
/** The command `unispeech`: parses the command line, runs the command, and sets the exit code. */
import { VERSION } from '../base/version.ts';
import { align } from './align.ts';
import { cache } from './cache.ts';
import { classify } from './classify.ts';
import { convert } from './convert.ts';
import { describeError } from './describe-error.ts';
import { diarize } from './diarize.ts';
import { doctor, explainModel } from './doctor.ts';
import { embed } from './embed.ts';
import { HELP } from './help.ts';
import { oneLine } from './printable.ts';
import { phones } from './phones.ts';
import { profile } from './profile.ts';
import { pronounce } from './pronounce.ts';
import { quantize } from './quantize.ts';
import { score } from './score.ts';
import { transcribe } from './transcribe.ts';
import { tune } from './tune.ts';
import { parseCommand } from './usage.ts';
import { verify } from './verify.ts';
import { UsageError } from './words.ts';

/** Exit codes as in shells: 128 plus the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

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
      return command.model === undefined
        ? doctor(command.json, signal)
        : explainModel(command.model, command.json, signal);
    case 'profile':
      return profile(command, signal);
    case 'convert':
      return convert(command, signal);
    case 'quantize':
      return quantize(command, signal);
    case 'cache':
      return cache(command, signal);
    case 'tune':
      return tune(command, signal);
    case 'transcribe':
      return transcribe(command, signal);
    case 'phones':
      return phones(command, signal);
    case 'pronounce':
      return pronounce(command, signal);
    case 'align':
      return align(command, signal);
    case 'classify':
      return classify(command, signal);
    case 'diarize':
      return diarize(command, signal);
    case 'verify':
      return verify(command, signal);
    case 'score':
      return score(command, signal);
    case 'embed':
      return embed(command, signal);
  }
}

const interruption = new AbortController();
/** The exit code after an interruption. */
let interruptedCode = 0;
const interrupt = (exitCode: number): void => {
  if (interruption.signal.aborted) return;
  interruptedCode = exitCode;
  process.exitCode = exitCode;
  interruption.abort();
};

for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
  // Only the first signal is handled, so that no partial files are left. A second one ends the process at once.
  process.once(signal, () => interrupt(exitCode));
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has closed the pipe, as in "| head -1".
    if (error.code === 'EPIPE' || interruption.signal.aborted) {
      interrupt(0);
    } else {
      process.stderr.write(`unispeech: The output cannot be written: ${describeError(error)}\n`);
      interrupt(1);
    }
  });
}
// Prints warnings of the engine that nothing else listens to.
console.warn = (message: unknown): void => {
  process.stderr.write(`unispeech: ${oneLine(String(message))}\n`);
};

try {
  const exitCode = await run(process.argv.slice(2), interruption.signal);
  // The output may have failed in the meantime.
  process.exitCode = interruption.signal.aborted ? interruptedCode : exitCode;
} catch (error) {
  if (interruption.signal.aborted) {
    process.exitCode = interruptedCode;
  } else if (error instanceof UsageError) {
    process.stderr.write(`unispeech: ${error.message}\nRun "unispeech --help" for the usage.\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`unispeech: ${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
