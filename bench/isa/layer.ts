/** The compile-only Vulkan layer: built once into `node_modules/.cache`, and the environment that puts it in front of RADV. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const DRIVER_MANIFEST = '/usr/share/vulkan/icd.d/radeon_icd.json';
const NEEDS =
  'This suite needs Linux with Mesa 25 or newer and a C compiler: on Debian and Ubuntu ' +
  '"apt-get install mesa-vulkan-drivers libvulkan1 libvulkan-dev gcc" (Debian 12: mesa from backports).';

/** What is missing on this machine. */
export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';

  constructor(what: string) {
    super(`${what} ${NEEDS}`);
  }
}

/** Builds the layer where its source has changed, and returns its folder. @throws MissingToolError. */
function buildLayer(): string {
  const folder = path.resolve('node_modules/.cache/isa');
  const source = readFileSync('bench/isa/compile_only.c', 'utf8');
  const builtSource = path.join(folder, 'compile_only.c');
  const library = path.join(folder, 'libcompile_only.so');
  if (existsSync(library) && existsSync(builtSource) && readFileSync(builtSource, 'utf8') === source)
    return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(builtSource, source);
  const { status, stderr, error } = spawnSync(
    'gcc',
    ['-shared', '-fPIC', '-O2', '-o', library, builtSource],
    { encoding: 'utf8' },
  );
  if (error) throw new MissingToolError(`gcc could not be started (${error.message}).`);
  if (status !== 0) throw new MissingToolError(`The layer did not compile: ${stderr.slice(0, 400)}`);
  const manifest = {
    file_format_version: '1.2.0',
    layer: {
      name: 'VK_LAYER_compile_only',
      type: 'GLOBAL',
      library_path: './libcompile_only.so',
      api_version: '1.3.230',
      implementation_version: '1',
      description: 'Compiles pipelines and executes nothing',
      functions: { vkNegotiateLoaderLayerInterfaceVersion: 'vkNegotiateLoaderLayerInterfaceVersion' },
    },
  };
  writeFileSync(path.join(folder, 'compile_only.json'), JSON.stringify(manifest));
  return folder;
}

/**
 * Environment variables for a process whose WebGPU adapter is an AMD GPU of `family` that can only compile.
 * @param family a name that RADV knows, for example `navi31` (RDNA 3).
 * @throws MissingToolError.
 */
export function compileOnlyEnvironment(family: string): NodeJS.ProcessEnv {
  if (!existsSync(DRIVER_MANIFEST)) throw new MissingToolError('The RADV driver is not installed.');
  return {
    ...process.env,
    VK_LAYER_PATH: buildLayer(),
    VK_INSTANCE_LAYERS: 'VK_LAYER_compile_only',
    VK_DRIVER_FILES: DRIVER_MANIFEST,
    VK_ICD_FILENAMES: DRIVER_MANIFEST,
    RADV_FORCE_FAMILY: family,
    RADV_DEBUG: 'shaders,shaderstats,nocache',
  };
}
