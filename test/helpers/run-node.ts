/** Runs Node in a child process that has the same software Vulkan driver as the tests. */
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const repositoryFolder = fileURLToPath(new URL('../../', import.meta.url));

export interface NodeRun {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeRunOptions {
  /** `'open'`: nothing comes, but something may. */
  readonly stdin?: Uint8Array | 'open' | undefined;
  /** Called once the process has started. */
  readonly onStart?: ((child: ChildProcess) => void) | undefined;
  /** Default: that of the repository. */
  readonly cwd?: string | undefined;
}

/** What gives a process the driver. */
export const PRELOAD = new URL('../../scripts/use-vulkan.mjs', import.meta.url).href;

/** @param args of `node`: a script and its arguments. */
export function runNode(
  args: readonly string[],
  { stdin, onStart, cwd = repositoryFolder }: NodeRunOptions = {},
): Promise<NodeRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', PRELOAD, ...args], { cwd });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    if (stdin !== 'open') child.stdin.end(stdin ?? '');
    onStart?.(child);
  });
}
