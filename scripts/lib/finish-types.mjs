/**
 * Makes emitted type declarations stand on their own: a consumer compiles them with `skipLibCheck: false` with the types of
 * browsers or of Node, with or without those of WebGPU, under TypeScript 5.6 and later.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Interfaces of browsers, of WebGPU and of Node that the declarations name. */
const SURROUNDINGS = [
  'Cache',
  'GPU',
  'GPUAdapterInfo',
  'GPUBindGroupLayout',
  'GPUBufferBinding',
  'GPUCommandEncoder',
  'GPUComputePassDescriptor',
  'GPUComputePipeline',
  'GPUDevice',
  'MediaStream',
  'MessagePort',
  'PerformanceMeasure',
  'Worker',
];

/** Interfaces of one name are merged, so that an empty one changes nothing where the consumer's `lib` or `types` have it. */
const DECLARATIONS = `// What the declarations of this package name and not every consumer has; empty, and merged with what there is.
interface SymbolConstructor {
  readonly asyncDispose: unique symbol;
}
${SURROUNDINGS.map((name) => `interface ${name} {}\n`).join('')}`;

/** TypeScript has typed arrays of a kind of buffer from 5.7 on only. */
const withoutBufferKinds = (text) => text.replace(/\b(\w+Array)<ArrayBuffer(Like)?>/g, '$1');

/**
 * @param folder with the declarations.
 * @param entries those that package.json exports, relative to `folder`.
 */
export function finishTypes(folder, entries) {
  writeFileSync(path.join(folder, 'surroundings.d.ts'), DECLARATIONS);
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const text = readFileSync(path.join(folder, file), 'utf8');
    const way = path.posix.relative(path.posix.dirname(file.replaceAll(path.sep, '/')), 'surroundings.d.ts');
    const reference = entries.some((entry) => path.normalize(entry) === path.normalize(file))
      ? `/// <reference path="${way}" />\n`
      : '';
    writeFileSync(path.join(folder, file), reference + withoutBufferKinds(text));
  }
}
