/** Which files of the engine share a chunk of the browser build. */
import path from 'node:path';

/** @typedef {ReadonlyMap<string, import('rolldown').ModuleInfo>} Modules */

const STATIC = ['importedIds'];
const ALL = ['importedIds', 'dynamicallyImportedIds'];

/** What some files import, all the way down. */
function closure(modules, starts, kinds = STATIC) {
  const files = new Set(starts);
  // Grows while it is walked.
  for (const file of files)
    for (const kind of kinds) for (const imported of modules.get(file)?.[kind] ?? []) files.add(imported);
  return files;
}

const both = (files, others) => new Set([...files].filter((file) => others.has(file)));

/**
 * The chunks that entries share, in the order in which they get files. Others come about by themselves, one for each `loadPart`.
 *
 * No part may import a chunk that leads to one which loads the part: Rolldown, and Vite with it, goes by whole files, and would take such a ring for used in any
 * app, with all that its files import. What parts import is therefore apart from what leads to them.
 * @param {Modules} modules
 * @returns {readonly (readonly [name: string, files: ReadonlySet<string>])[]}
 */
export function sharedChunks(modules) {
  const from = (...sources) =>
    closure(
      modules,
      sources.map((source) => path.resolve(source)),
    );
  const parts = new Set(
    [...modules.values()].flatMap(({ dynamicallyImportedIds }) => dynamicallyImportedIds),
  );
  const ofParts = closure(modules, parts);
  const engine = from('src/pipelines/pipeline.ts');
  // With what it loads with files. It has no engine.
  const ofClient = closure(modules, [path.resolve('src/worker/index.ts')], ALL);
  // Beam search on its own needs no engine either.
  const ofBeams = from('src/beam/index.ts');
  const exported = closure(modules, modules.get(path.resolve('src/index.ts'))?.importedIds ?? []);
  return [
    ...byParts(modules, 'base', both(engine, ofClient), parts),
    ...byParts(modules, 'texts', both(engine, ofBeams), parts),
    ...byParts(modules, 'common', both(engine, ofParts), parts),
    ['core', engine],
    // What entries have besides, apart where parts share it: no part may import an entry, and apps whose bundler keeps what a used part and an entry
    // share should not get it without the part.
    ['sound', both(exported, from('src/platform/browser-audio.ts'))],
    ['losses', both(exported, from('src/speech/heads/head-list.ts'))],
    ['host', both(ofParts, from('src/worker/worker-host.ts'))],
    ['extras', new Set([...exported].filter((file) => !ofParts.has(file)))],
  ];
}

/** Files that lead to no part, and those that do, in as few chunks as have no ring: no part of a chunk may lead back to it. */
function byParts(modules, name, files, parts) {
  const plain = new Set();
  const chunks = [];
  for (const file of files) {
    const led = both(parts, closure(modules, [file], ALL));
    if (led.size === 0) {
      plain.add(file);
      continue;
    }
    const fits = ({ led: others, group }) => {
      const reached = closure(modules, [...led, ...others], ALL);
      return both(reached, new Set([...group, file])).size === 0;
    };
    let chunk = chunks.find(fits);
    if (!chunk) chunks.push((chunk = { group: new Set(), led: new Set() }));
    chunk.group.add(file);
    for (const part of led) chunk.led.add(part);
  }
  return [[name, plain], ...chunks.map(({ group }, index) => [`${name}-parts-${index}`, group])];
}
