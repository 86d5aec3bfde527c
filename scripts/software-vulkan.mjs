/**
 * Gives a machine without any GPU a software Vulkan driver, without asking and without installing anything:
 * the dev dependency `@sparticuz/chromium` carries Chromium's SwiftShader and a Vulkan loader, which are
 * unpacked into `node_modules/.cache`. Used by the demo and the tests; the library itself never does this.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { findBundledArchive, untar } from './lib/untar.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Where the Vulkan loader looks for drivers (https://vulkan.lunarg.com/doc/view/latest/linux/loader_interface.html). */
const ICD_FOLDERS = [
  process.env.XDG_DATA_HOME,
  ...(process.env.XDG_DATA_DIRS ?? '/usr/share:/usr/local/share').split(':'),
  '/etc',
]
  .filter(Boolean)
  .map((folder) => path.join(folder, 'vulkan', 'icd.d'));
/** Holds what was found out, as JSON, for the processes that this one starts. */
const FOUND = 'UNISPEECH_VULKAN_FOUND';
/** Linux's dlopen flag that keeps a library loaded; Node has no name for it. */
const RTLD_NODELETE = 0x1000;

/** Unpacks SwiftShader once and returns its folder, or undefined where the package has none for this machine. */
function unpackSwiftShader() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = path.join(ROOT, 'node_modules', '.cache', 'swiftshader');
  if (existsSync(path.join(folder, 'vk_swiftshader_icd.json'))) return folder;
  const archive = findBundledArchive('swiftshader.tar.br');
  if (archive === undefined) return undefined;
  // Unpacked beside its final place and renamed, so that two processes at once, or one killed half-way, do no harm.
  const scratch = `${folder}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  for (const [name, content] of untar(brotliDecompressSync(readFileSync(archive)))) {
    writeFileSync(path.join(scratch, path.basename(name)), content);
  }
  try {
    renameSync(scratch, folder);
  } catch {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

/** The manifest of the system's lavapipe, or undefined. */
function findLavapipe() {
  for (const folder of ICD_FOLDERS) {
    const file = existsSync(folder) && readdirSync(folder).find((name) => name.startsWith('lvp_icd'));
    if (file) return path.join(folder, file);
  }
  return undefined;
}

const vulkanEnv = (manifest) => ({ VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest });

/** What this process or one before it found out: question → answer. Anything else in the variable counts as nothing. */
function answersSoFar() {
  try {
    const answers = JSON.parse(process.env[FOUND] ?? '{}');
    return typeof answers === 'object' && answers !== null && !Array.isArray(answers) ? answers : {};
  } catch {
    return {};
  }
}

/**
 * Whether Dawn finds an adapter with these environment variables, tried in a process of its own: the loader reads them
 * once, and an old Mesa (below 23) has a driver that Dawn refuses. That process gets no `NODE_OPTIONS`: with an `--import` of
 * this module in there it would try itself, and so on without end.
 * @param question names the files that the answer depends on; asked once by a process and all that it starts.
 */
export function findsAdapter(question, env) {
  const answers = answersSoFar();
  if (typeof answers[question] === 'boolean') return answers[question];
  const script = `
    const { create } = await import('webgpu');
    globalThis.gpu = create([]);
    process.exit((await gpu.requestAdapter()) ? 0 : 1);`;
  const ownEnv = { ...process.env, ...env, NODE_OPTIONS: '' };
  const options = { cwd: ROOT, env: ownEnv, stdio: 'ignore', timeout: 60_000 };
  const found = spawnSync(process.execPath, ['--input-type=module', '-e', script], options).status === 0;
  process.env[FOUND] = JSON.stringify({ ...answers, [question]: found });
  return found;
}

/** The manifest of a lavapipe that Dawn accepts, or undefined. */
function findWorkingLavapipe() {
  const manifest = findLavapipe();
  if (manifest === undefined) return undefined;
  // An update of the driver writes its manifest anew.
  const question = `${manifest} of ${statSync(manifest).mtimeMs}`;
  return findsAdapter(question, vulkanEnv(manifest)) ? manifest : undefined;
}

/** Which software drivers this machine can have: any of 'lavapipe', 'swiftshader'; the faster first. */
export function softwareDrivers() {
  return [findWorkingLavapipe() && 'lavapipe', unpackSwiftShader() && 'swiftshader'].filter(Boolean);
}

/**
 * Makes the Vulkan loader of this process use one software driver. Call it before the first adapter is asked for.
 * @param {'lavapipe' | 'swiftshader'} driver
 */
export function useSoftwareDriver(driver) {
  if (driver === 'lavapipe') {
    const manifest = findLavapipe();
    if (manifest === undefined)
      throw new Error('lavapipe is not installed: install mesa-vulkan-drivers (Mesa 23 or newer)');
    Object.assign(process.env, vulkanEnv(manifest));
    return;
  }
  const folder = unpackSwiftShader();
  if (folder === undefined) {
    throw new Error(
      'no bundled SwiftShader for this platform: run npm ci with dev dependencies on Linux x64, or use a real GPU',
    );
  }
  Object.assign(process.env, vulkanEnv(path.join(folder, 'vk_swiftshader_icd.json')));
  // Dawn opens "libvulkan.so.1" by name. A bare machine has none, but a library that is already loaded under that
  // name is found first, and the environment variable for search paths is read only when a process starts.
  try {
    process.dlopen(
      { exports: {} },
      path.join(folder, 'libvulkan.so.1'),
      os.constants.dlopen.RTLD_NOW | RTLD_NODELETE,
    );
  } catch (error) {
    // The loader is no Node add-on, so Node always complains after it has loaded it.
    if (!String(error).includes('did not self-register')) throw error;
  }
}

/**
 * The adapters that tests run on: the machine's own GPU where Dawn finds one, and every software driver.
 * `UNISPEECH_VULKAN` (`system`, `lavapipe` or `swiftshader`) decides instead where it is set.
 * @returns {('system' | 'lavapipe' | 'swiftshader')[]}
 */
export function availableAdapters() {
  const wanted = process.env.UNISPEECH_VULKAN;
  if (wanted) {
    if (!['system', 'lavapipe', 'swiftshader'].includes(wanted)) {
      throw new Error(`UNISPEECH_VULKAN is "${wanted}": expected system, lavapipe or swiftshader`);
    }
    return [wanted];
  }
  return [...(hasSystemAdapter() ? ['system'] : []), ...softwareDrivers()];
}

/** Uses the first of `availableAdapters()`; where there is none, asking for an adapter will say what to do. */
export function ensureVulkan() {
  const [best] = process.env.UNISPEECH_VULKAN || !hasSystemAdapter() ? availableAdapters() : ['system'];
  if (best === 'lavapipe' || best === 'swiftshader') useSoftwareDriver(best);
}

/** Elsewhere than on Linux the system has its own software adapter or GPU; on Linux a GPU shows as a device file. */
function hasSystemAdapter() {
  if (process.platform !== 'linux') return true;
  const renderers = existsSync('/dev/dri')
    ? readdirSync('/dev/dri').filter((name) => name.startsWith('renderD'))
    : [];
  const devices = [...['/dev/nvidiactl', '/dev/dxg'].filter((file) => existsSync(file)), ...renderers];
  return devices.length > 0 && findsAdapter(`devices ${devices.join(' ')}`, {});
}
