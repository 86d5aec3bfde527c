/** The command line: what parses it, without a process each. */
import { parseCommand } from '../../../src/cli/usage.ts';
import type { Random } from '../random.ts';
import { expectResult, type Mutant, type Target } from '../target.ts';

const COMMANDS = ['transcribe', 'classify', 'embed', 'doctor', 'quantize', 'profile', 'tune'];
const FLAGS = [
  'model',
  'dtype',
  'timestamps',
  'chunk',
  'top-k',
  'function',
  'out',
  'pooling',
  'normalize',
  'seconds',
  'trace',
  'json',
  'help',
  'version',
];
const VALUES = [
  'word',
  'char',
  'fp32',
  'fp16',
  'q8',
  'q4',
  'auto',
  '1',
  '30',
  'DIR',
  'a.wav',
  'http://a/b',
  '-',
];
const HOSTILE = [
  '',
  ' ',
  '-',
  '--',
  '---',
  '-x',
  '--=',
  '--model',
  '--model=',
  '--no-json',
  '--json=true',
  '--JSON',
  '-m',
  '-mDIR',
  '-hV',
  'NaN',
  '-1',
  '1e999',
  '0x10',
  '1,5',
  'Infinity',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  '\0',
  '\u001b[2Jx',
  'a\nb',
  '\u202e',
  '\ud800',
  'x'.repeat(2000),
  '--' + 'x'.repeat(2000),
  '\u0007'.repeat(500),
];

const word = (random: Random): string =>
  random.pick<() => string>([
    () => random.pick(COMMANDS),
    () => `--${random.pick(FLAGS)}`,
    () => `--${random.pick(FLAGS)}=${random.pick([...VALUES, ...HOSTILE])}`,
    () => random.pick(VALUES),
    () => random.pick(HOSTILE),
    () => String.fromCharCode(...Array.from({ length: random.between(1, 6) }, () => random.below(0x300))),
  ])();

/** A command that is right but for what is put into it, taken out of it, or put elsewhere. */
function commandLine(random: Random): string[] {
  const base = random.pick([
    ['transcribe', 'a.wav', '--model', 'DIR', '--timestamps', 'word', '--chunk', '30'],
    ['classify', 'a.wav', '--model', 'DIR', '--top-k', '1', '--function', 'sigmoid'],
    ['embed', 'a.wav', 'b.wav', '--model', 'DIR', '--out', 'FILE.npy', '--pooling', 'mean', '--normalize'],
    ['quantize', 'IN', 'OUT', '--dtype', 'q8'],
    ['profile', '--model', 'DIR', '--seconds', '5', '--trace', 'FILE'],
    ['doctor', '--json'],
    ['tune', '-m', 'DIR'],
    [],
  ]);
  const words = [...base];
  for (let edits = random.between(1, 4); edits > 0; edits -= 1) {
    const at = random.below(words.length + 1);
    words.splice(at, random.below(3), ...Array.from({ length: random.below(3) }, () => word(random)));
  }
  return words;
}

export const commandLineTarget: Target = {
  name: 'cli',
  about: 'arguments of the command',
  extension: 'json',
  prepare: () =>
    Promise.resolve((random): Mutant => {
      const words = commandLine(random);
      return {
        description: JSON.stringify(words).slice(0, 300),
        content: () => JSON.stringify(words),
        run: () => {
          const command = parseCommand(words);
          expectResult([...COMMANDS, 'help', 'version'].includes(command.name), 'no command');
          if ('chunkSeconds' in command && command.chunkSeconds !== undefined)
            expectResult(
              Number.isFinite(command.chunkSeconds) && command.chunkSeconds > 0,
              'a chunk of no length',
            );
          return 'result';
        },
      };
    }),
};
