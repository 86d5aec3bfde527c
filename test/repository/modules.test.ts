/** The conventions of modules in CONTRIBUTING.md that no lint rule holds. */
import { expect, test } from 'vitest';
import { filesBelow, importsOf, textOf } from '../helpers/repository-files.ts';

const ENGINE = ['src', 'kernels'];
const modulesOf = (folders: readonly string[]): readonly string[] =>
  folders.flatMap(filesBelow).filter((file) => /\.m?ts$/.test(file));

/** Groups of modules that import each other, each in the order in which it was found. */
function cyclesOf(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  const visit = (module: string, way: readonly string[]): void => {
    if (way.includes(module)) cycles.push(way.slice(way.indexOf(module)));
    else if (!done.has(module)) {
      for (const next of imports.get(module) ?? []) visit(next, [...way, module]);
      done.add(module);
    }
  };
  for (const module of imports.keys()) visit(module, []);
  return cycles;
}

test('no module of the engine imports itself through others, types included', () => {
  const cycle = { a: ['b'], b: ['c', 'd'], c: ['e'], d: ['b'], e: [] };
  expect(cyclesOf(new Map(Object.entries(cycle)))).toEqual([['b', 'd']]);
  const modules = modulesOf(ENGINE);
  expect(modules.length).toBeGreaterThan(200);
  expect(cyclesOf(new Map(modules.map((module) => [module, importsOf(module)])))).toEqual([]);
});

/** The modules that package.json names: what others import, and `#platform`. */
function publicEntries(): readonly string[] {
  const { exports, imports } = JSON.parse(textOf('package.json')) as {
    readonly exports: Readonly<Record<string, { readonly types: string } | string>>;
    readonly imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  const typed = Object.values(exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]));
  return [
    ...typed.map((types) => types.replace('./dist/types/', '').replace('.d.ts', '.ts')),
    ...Object.values(imports).flatMap((files) => Object.values(files).map((file) => file.replace('./', ''))),
  ];
}

test('only the entries that package.json names export what other modules declare', () => {
  const entries = publicEntries();
  const modules = modulesOf(ENGINE);
  expect(modules).toEqual(expect.arrayContaining([...entries]));
  const passingOn = modules.filter((module) =>
    /^export (type )?(\*|\{[^}]*\})( as \w+)? from /m.test(textOf(module)),
  );
  expect(passingOn).toContain('src/index.ts');
  expect(passingOn.filter((module) => !entries.includes(module))).toEqual([]);
});

const OTHERS = ['examples', 'scripts', 'bench', 'test'];
const DECLARATION = /^(export )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;

test('the name of a type stands for one thing, but for names that tests, benchmarks and pages keep to themselves', () => {
  const declaring = new Map<string, Set<string>>();
  const shared = new Set<string>();
  for (const module of modulesOf([...ENGINE, ...OTHERS])) {
    for (const [, exported, name = ''] of textOf(module).matchAll(DECLARATION)) {
      declaring.set(name, (declaring.get(name) ?? new Set()).add(module));
      if (exported !== undefined || ENGINE.some((folder) => module.startsWith(`${folder}/`)))
        shared.add(name);
    }
  }
  expect(shared.size).toBeGreaterThan(400);
  const twice = [...shared].flatMap((name) => {
    const modules = declaring.get(name) ?? new Set();
    return modules.size > 1 ? [`${name}: ${[...modules].join(', ')}`] : [];
  });
  expect(twice).toEqual([]);
});
