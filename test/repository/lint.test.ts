/** The linter finds what it is there for: rules that need types, the layers, and the conventions of this repository. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { textOf } from '../helpers/repository-files.ts';
import { repositoryFolder } from '../helpers/run-node.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-lint-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

const inRepository = (name: string): string => path.join(repositoryFolder, name);

/** `file:line rule` of each finding in the folder, by the configuration of this repository. */
async function findings(): Promise<readonly string[]> {
  // Its patterns of file names begin in the folder where it lies.
  write(
    '.oxlintrc.json',
    textOf('.oxlintrc.json').replace('./scripts/lint-plugin.mjs', inRepository('scripts/lint-plugin.mjs')),
  );
  const args = [inRepository('node_modules/oxlint/bin/oxlint')];
  const stdout = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [...args, '--format', 'json'],
      {
        cwd: folder,
        env: { ...process.env, OXLINT_TSGOLINT_PATH: inRepository('node_modules/.bin/tsgolint') },
      },
      (_, text) => {
        resolve(text);
      },
    );
  });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: readonly Diagnostic[] };
  return diagnostics.map(({ code, filename, labels }) => `${filename}:${labels[0]?.span.line ?? 0} ${code}`);
}

test('every planted fault is found, and nothing else', async () => {
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, allowImportingTsExtensions: true },
        ...{ target: 'es2022', module: 'nodenext', types: [] },
      },
    }),
  );
  write('src/graph/above.ts', 'export const above = (): Promise<void> => Promise.resolve();\n');
  write(
    'src/base/faults.ts',
    `import { above } from '../graph/above.ts';
export class Faults {
  private one = 1;
  two(): number {
    return this.one;
  }
}
export const floating = (): void => {
  above();
};
export const needless = (text: string): boolean => text === undefined;
export const sure = (text: string | undefined): number => text!.length;
export const unsafe = (value: any): string => value.name;
export const mode: unknown = GPUMapMode;
`,
  );
  write('test/titles.test.ts', "export { it } from 'vitest';\n");
  const found = await findings();
  expect(found.toSorted()).toEqual(
    [
      'src/base/faults.ts:1 project(layers)',
      'src/base/faults.ts:3 project(private-names)',
      'src/base/faults.ts:9 typescript(no-floating-promises)',
      'src/base/faults.ts:11 typescript(no-unnecessary-condition)',
      'src/base/faults.ts:12 typescript(no-non-null-assertion)',
      'src/base/faults.ts:13 typescript(no-explicit-any)',
      'src/base/faults.ts:13 typescript(no-unsafe-return)',
      'src/base/faults.ts:13 typescript(no-unsafe-member-access)',
      'src/base/faults.ts:14 eslint(no-restricted-globals)',
      'test/titles.test.ts:1 eslint(no-restricted-imports)',
    ].toSorted(),
  );
});
