/** The suite of what a browser downloads: its command line, what it cuts out of scripts, and how it finds the source file. */
import { build } from 'esbuild';
import { Session } from 'node:inspector/promises';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { neverCalledByModule } from '../../bench/download/modules.ts';
import { parseOptions } from '../../bench/download/options.ts';
import { type CoveredScript, neverRun, without } from '../../bench/download/spans.ts';

test('the command line has a default, and refuses what is no count', () => {
  expect(parseOptions([])).toEqual({ moduleCount: 20 });
  expect(parseOptions(['--modules', '3'])).toEqual({ moduleCount: 3 });
  expect(parseOptions(['--help'])).toBeUndefined();
  expect(() => parseOptions(['--modules', '1.5'])).toThrow(/--modules: "1.5" is not a whole number/);
  expect(() => parseOptions(['--files', '3'])).toThrow(/--files/);
});

/** A script in which each of some texts, the outer ones first, ran so many times. Those with a list are a function with blocks. */
function covered(
  source: string,
  ...functions: readonly (readonly (readonly [text: string, count: number])[])[]
) {
  const rangeOf = ([text, count]: readonly [string, number]) => {
    const startOffset = source.indexOf(text);
    expect(startOffset, text).toBeGreaterThanOrEqual(0);
    return { startOffset, endOffset: startOffset + text.length, count };
  };
  const whole = { ranges: [{ startOffset: 0, endOffset: source.length, count: 1 }] };
  return {
    url: 'http://localhost/a.js',
    source,
    functions: [whole, ...functions.map((ranges) => ({ ranges: ranges.map(rangeOf) }))],
  } satisfies CoveredScript;
}

test('functions that were never called are cut out, each a span of its own, and nothing else', () => {
  const script = covered(
    'function a(){one}function b(){two}function c(){if(x){three}four}end',
    [['function a(){one}', 0]],
    [['function b(){two}', 0]],
    [
      ['function c(){if(x){three}four}', 2],
      ['{three}', 0],
    ],
  );
  const spans = neverRun(script, 'functions');
  expect(spans.map(({ start, end }) => script.source.slice(start, end))).toEqual([
    'function a(){one}',
    'function b(){two}',
  ]);
  // In whichever order functions are told.
  expect(neverRun({ ...script, functions: script.functions.toReversed() }, 'functions')).toEqual(spans);
  expect(without(script.source, spans)).toBe('function c(){if(x){three}four}end');
  expect(without(script.source, neverRun(script, 'blocks'))).toBe('function c(){if(x)four}end');
});

test('the innermost range holds: what ran within a block that did not stays, and the reverse', () => {
  const source = 'function a(){return 1;function b(){yes;{no}yes}rest}';
  const script = covered(
    source,
    [
      ['function a(){return 1;function b(){yes;{no}yes}rest}', 1],
      ['function b(){yes;{no}yes}rest', 0],
    ],
    [
      ['function b(){yes;{no}yes}', 1],
      ['{no}', 0],
    ],
  );
  expect(without(source, neverRun(script, 'blocks'))).toBe('function a(){return 1;function b(){yes;yes}}');
  expect(neverRun(script, 'functions')).toEqual([]);
});

test('a script of which nothing ran is nothing, and one that is whole stays whole', () => {
  const none: CoveredScript = {
    ...covered('abc'),
    functions: [{ ranges: [{ startOffset: 0, endOffset: 3, count: 0 }] }],
  };
  expect(without('abc', neverRun(none, 'functions'))).toBe('');
  expect(without('abc', neverRun(covered('abc'), 'blocks'))).toBe('abc');
  expect(without('abc', [])).toBe('abc');
});

/** Two files in one script, with what V8 itself says of its run. */
async function bundleThatRan() {
  const files: Readonly<Record<string, string>> = {
    'src/a.ts': `import { used, unused } from './b.ts';
      function neither() { return used(2); }
      if (used(\`1
2\`) !== 'über') neither() ?? unused();`,
    'src/b.ts': `export const used = (value: unknown) => value ? 'über' : unused();
      export function unused() { return 'größer'; }
      export class Both { static called() { return used(1); } never() { return \`3
        4\`; } }
      Both.called();`,
  };
  const { outputFiles } = await build({
    entryPoints: ['src/a.ts'],
    outdir: '.',
    bundle: true,
    minify: true,
    write: false,
    sourcemap: 'external',
    charset: 'utf8',
    plugins: [
      {
        name: 'files',
        setup: (plugin) => {
          plugin.onResolve({ filter: /./ }, ({ path: file }) => ({
            path: file.replace('./', 'src/'),
            namespace: 'made-up',
          }));
          plugin.onLoad({ filter: /./ }, ({ path: file }) => ({ contents: files[file] ?? '', loader: 'ts' }));
        },
      },
    ],
  });
  const textOf = (ending: string): string =>
    outputFiles.find(({ path: file }) => file.endsWith(ending))?.text ?? '';
  const source = textOf('.js');
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    runInThisContext(source, { filename: 'bundle-that-ran.js' });
    const { result } = await session.post('Profiler.takePreciseCoverage');
    const { functions = [] } = result.find(({ url }) => url === 'bundle-that-ran.js') ?? {};
    return { script: { url: 'bundle-that-ran.js', source, functions }, map: textOf('.js.map') };
  } finally {
    session.disconnect();
  }
}

test('source maps tell the files of functions that V8 never saw called', async () => {
  const { script, map } = await bundleThatRan();
  const texts = neverRun(script, 'functions').map(({ start, end }) => script.source.slice(start, end));
  expect(texts.map((text) => text.replace(/^function \w+/, 'function'))).toEqual([
    'function(){return"größer"}',
    expect.stringMatching(/^never\(\)\{return`3\n +4`\}$/),
    expect.stringMatching(/^function\(\)\{return \w+\(2\)\}$/),
  ]);
  expect(without(script.source, neverRun(script, 'blocks'))).not.toMatch(/größer|never|:\w+\(\)|\?\?/);
  const modules = neverCalledByModule([script], () => map);
  expect([...modules.keys()]).toEqual(['made-up:src/b.ts', 'made-up:src/a.ts']);
  const { byteLength = 0, zippedByteLength = 0 } = modules.get('made-up:src/b.ts') ?? {};
  expect(byteLength).toBe(Buffer.byteLength(texts.slice(0, 2).join('')));
  expect(zippedByteLength).toBeGreaterThan(0);
  expect(zippedByteLength).toBeLessThan(byteLength);
  expect(neverCalledByModule([script], () => undefined).size).toBe(0);
});
