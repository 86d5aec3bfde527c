/**
 * `npm run bench -- isa`: what an AMD GPU would issue for every kernel and variant, on a machine without one. Mesa's
 * compiler is the real one and its output depends on nothing else, so the figures are the same everywhere.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readEnvironment } from '../lib/environment.ts';
import { markdownTable } from '../lib/markdown.ts';
import { compileOnlyEnvironment, MissingToolError } from './layer.ts';
import { MARKER } from './marker.ts';
import { multiplyAddShare, parseShader, type IsaStatistics } from './statistics.ts';

const HELP = `Compile-only statistics of every kernel and variant for an AMD GPU.

Usage: npm run bench -- isa [options]
  --family NAME      a GPU family that RADV knows (default navi31, which is RDNA 3)
  --kernel TEXT      only kernels whose name holds this text
  --json FILE        also write everything read
`;

interface Row {
  readonly name: string;
  /** Which steps of a model use it; empty for variants that are only fallbacks. */
  readonly uses: readonly string[];
  readonly statistics: IsaStatistics;
}

/** Compiles all kernels in a process of its own; its driver prints on both standard streams, which go into one file. */
function compileAll(family: string): readonly Row[] {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'unispeech-isa-'));
  const file = path.join(scratch, 'output.txt');
  const descriptor = openSync(file, 'w');
  try {
    const { status, error } = spawnSync(process.execPath, ['scripts/run-ts.mjs', 'bench/isa/compile.ts'], {
      env: compileOnlyEnvironment(family),
      stdio: ['ignore', descriptor, descriptor],
    });
    const output = readFileSync(file, 'utf8');
    if (status !== 0) {
      throw new MissingToolError(
        `Compiling for ${family} failed: ${error?.message ?? output.slice(-600).trim()}.`,
      );
    }
    return output
      .split(MARKER)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        const { name, uses } = JSON.parse(part.slice(0, end)) as { name: string; uses: string[] };
        return { name, uses, statistics: parseShader(part.slice(end)) };
      });
  } finally {
    closeSync(descriptor);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function formatRows(rows: readonly Row[]): string {
  const table = rows.map(({ name, uses, statistics }) => {
    const { hottestLoop, whole } = statistics;
    const counted = hottestLoop ?? whole;
    return [
      name,
      uses.length > 0 ? uses.slice(0, 3).join(', ') + (uses.length > 3 ? ', …' : '') : '–',
      String(statistics.vgprs),
      String(statistics.spilledVgprs),
      String(statistics.ldsByteLength),
      String(statistics.wavesPerSimd),
      String(statistics.instructions),
      String(statistics.inverseThroughput),
      hottestLoop ? 'loop' : 'whole',
      `${counted.multiplyAdds} / ${counted.instructions}`,
      multiplyAddShare(counted).toFixed(2),
    ];
  });
  const header = [
    'kernel',
    'used for',
    'VGPRs',
    'spills',
    'LDS bytes',
    'waves',
    'instructions',
    'inverse throughput',
    'part',
    'multiply-adds / instructions',
    'share',
  ];
  return markdownTable([header, ...table], [2, 3, 4, 5, 6, 7, 9, 10]);
}

function main(): void {
  const { values } = parseArgs({
    options: {
      family: { type: 'string', default: 'navi31' },
      kernel: { type: 'string', default: '' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const shown = compileAll(values.family).filter(({ name }) => name.includes(values.kernel));
  const results = {
    suite: 'isa',
    family: values.family,
    environment: readEnvironment(),
    rows: shown,
  };
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`${values.family}\n\n${formatRows(shown)}\n`);
}

try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
