/** The output of a program that ends at once. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** @returns its output, the content of `file`, and what settles some time after its end. The content fits a pipe, so that nobody has to read it. */
export function outputOf(file: string): { readonly output: Readable; readonly ended: Promise<void> } {
  const code = `process.stdout.write(require('node:fs').readFileSync(${JSON.stringify(file)}))`;
  const program = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(program, 'exit').then(() => new Promise<void>((resolve) => setTimeout(resolve, 50)));
  return { output: program.stdout, ended };
}
