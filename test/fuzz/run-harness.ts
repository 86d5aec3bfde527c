/** Runs the harness as `npm run fuzz` does, and reads its report. */
import { spawn } from 'node:child_process';
import { repositoryFolder } from '../helpers/run-node.ts';
import type { TargetReport } from './supervisor.ts';

export function runHarness(args: readonly string[]): Promise<readonly TargetReport[]> {
  const script = ['scripts/run-ts.mjs', 'test/fuzz/main.ts', '--json', ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, script, { cwd: repositoryFolder });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    // The exit code is 1 where there are faults: the report says which.
    child.on('close', () => {
      try {
        resolve(JSON.parse(stdout) as TargetReport[]);
      } catch (cause) {
        reject(new Error(`the harness gave no report: ${stderr}`, { cause }));
      }
    });
  });
}
