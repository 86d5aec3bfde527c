/** The files of `shaders/` are glued together; the first lines of each say what it needs and what it has for the others. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { planGemm } from '../../kernels/gemm.ts';
import { WEIGHT_FORMATS } from '../../kernels/weight-format.ts';
import { adapter, callsFor, linear } from '../helpers/planned.ts';
import { moduleNames } from '../helpers/wgsl-names.ts';

const folder = new URL('../../shaders/', import.meta.url);
const HEAD =
  /^\/\/ Requires: (?<required>.*(?:\n\/\/ {10}.*)*)\n\/\/ Provides: (?<provided>.*(?:\n\/\/ {10}.*)*)\n\/\/\n/;

interface Fragment {
  readonly file: string;
  readonly text: string;
  readonly defined: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
  readonly saysRequired: readonly string[];
  readonly saysProvided: readonly string[];
}

const listed = (text = 'no such line'): readonly string[] =>
  text === 'nothing' ? [] : text.split(/[\s,/]+/).filter((name) => name !== '');

const fragments = readdirSync(folder)
  .filter((file) => file.endsWith('.wgsl'))
  .map((file): Fragment => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const { required, provided } = HEAD.exec(text)?.groups ?? {};
    return {
      file,
      text,
      ...moduleNames(text),
      saysRequired: listed(required),
      saysProvided: listed(provided),
    };
  });

/** Every kernel: the files it is made of, and the prelude before them. */
const kernels = [4, 8, 32, undefined].map(adapter).flatMap((capabilities) =>
  [
    ...callsFor(capabilities, 1, 36, 30),
    ...WEIGHT_FORMATS.map((weights) => planGemm(linear(9, 9, 'gelu', weights), capabilities)),
  ].map(({ kernel: { name, source } }) => {
    const parts = fragments.filter(({ text }) => source.includes(text));
    const start = Math.min(...parts.map(({ text }) => source.indexOf(text)));
    return { name, source, parts, prelude: moduleNames(source.slice(0, start)).defined };
  }),
);

/** `ACTIVATION_*` stands for all names that begin so. */
const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

describe.each(fragments)('$file', ({ file, required, defined, saysRequired, saysProvided }) => {
  test('requires what it says, no more and no less', () => {
    const missing = [...required].filter((name) => !saysRequired.some((pattern) => matches(pattern, name)));
    const needless = saysRequired.filter((pattern) => ![...required].some((name) => matches(pattern, name)));
    expect({ missing, needless }).toEqual({ missing: [], needless: [] });
  });

  test('provides what it says: its entry point, and what files beside it in a kernel require', () => {
    const beside = kernels
      .map(({ parts }) => parts)
      .filter((parts) => parts.some((part) => part.file === file))
      .flat()
      .filter((part) => part.file !== file);
    const wanted = [...defined].filter(
      (name) => name === 'main' || beside.some((part) => part.required.has(name)),
    );
    expect([...saysProvided].sort()).toEqual(wanted.sort());
  });
});

test('in every kernel each required name comes from one file, or from the prelude', () => {
  expect(new Set(kernels.flatMap(({ parts }) => parts))).toEqual(new Set(fragments));
  for (const { name, source, parts, prelude } of kernels) {
    for (const { file, required } of parts) {
      for (const each of required) {
        const sources = parts.filter((part) => part.saysProvided.includes(each)).length;
        expect(sources + Number(prelude.has(each)), `${name}: "${each}" of ${file}`).toBe(1);
      }
    }
    expect([...moduleNames(source).required], name).toEqual([]);
  }
});

test('names of WGSL texts are found as the language has them', () => {
  const { defined, required } = moduleNames(`
    // Comments mention nothing_at_all.
    struct Pair { first: Other, second: f32 }
    @group(0) @binding(0) var<uniform> params: Pair;
    const LENGTH: u32 = 4u * COUNT;
    var<workgroup> shared_values: array<f32, LENGTH>;
    fn helper(a: f32, place: Place) -> Result { let b = a * params.second; return outside(b.x, 1e-5f); }
    @compute @workgroup_size(THREADS) fn main(@builtin(workgroup_id) id: vec3u) { var helper = 1.0; }
  `);
  expect([...defined].sort()).toEqual(['LENGTH', 'Pair', 'helper', 'main', 'params', 'shared_values']);
  expect([...required].sort()).toEqual(['COUNT', 'Other', 'Place', 'Result', 'THREADS', 'outside']);
});
