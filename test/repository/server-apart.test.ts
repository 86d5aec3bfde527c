/** The server is a package of its own: nothing of it reaches the package of the engine, its install or its bundles. */
import { builtinModules } from 'node:module';
import { expect, test } from 'vitest';
import { filesBelow, importsOf, textOf } from '../helpers/repository-files.ts';

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifestOf = (file: string): Manifest => JSON.parse(textOf(file)) as Manifest;
const engine = manifestOf('package.json');
const server = manifestOf('packages/server/package.json');

test('no package that the server needs comes with the engine', () => {
  const own = Object.keys(server.dependencies);
  expect(own).toContain('hono');
  const withEngine = Object.keys({ ...engine.dependencies, ...engine.peerDependencies });
  expect(own.filter((name) => withEngine.includes(name))).toEqual([]);
});

test('no module of the engine imports a file of the server, or a package that the engine does not name', () => {
  const modules = ['src', 'kernels'].flatMap(filesBelow).filter((file) => file.endsWith('.ts'));
  expect(modules.length).toBeGreaterThan(200);
  const known = [...Object.keys({ ...engine.dependencies, ...engine.peerDependencies }), ...builtinModules];
  for (const module of modules) {
    expect(
      importsOf(module).filter((file) => file.startsWith('packages/')),
      module,
    ).toEqual([]);
    const named = textOf(module).matchAll(/(?:^(?:import|export|\}).* from |\bimport\()'([^'.#][^']*)'/gm);
    const packages = [...named].map(([, name = '']) => name);
    const unknown = packages.filter(
      (name) =>
        !name.startsWith('node:') && !known.some((each) => name === each || name.startsWith(`${each}/`)),
    );
    expect(unknown, module).toEqual([]);
  }
});

test('both packages have one version, and the server takes an engine of it', () => {
  expect(server.version).toBe(engine.version);
  const { 'unispeech-webgpu': range, webgpu } = server.peerDependencies;
  expect(range).toBe(`^${engine.version}`);
  expect(webgpu).toBe(engine.peerDependencies.webgpu);
});
