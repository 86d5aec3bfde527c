/**
 * Gives a machine without any GPU a software Vulkan driver, without asking and without installing anything:
 * the dev dependency `@sparticuz/chromium` carries Chromium's SwiftShader and a Vulkan loader, which are
 * unpacked into `node_modules/.cache`. Used by the demo and the tests; the library itself never does this.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { findBundledArchive, untar } from './lib/untar.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ICD_FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
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

/**
 * Whether Dawn finds an adapter with these environment variables, tried in a process of its own: the loader reads them
 * once, and an old Mesa (below 23) has a driver that Dawn refuses.
 */
function findsAdapter(env) {
  const script = `
    const { create } = await import('webgpu');
    globalThis.gpu = create([]);
    process.exit((await gpu.requestAdapter()) ? 0 : 1);`;
  const options = { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'ignore', timeout: 60_000 };
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], options).status === 0;
}

/** The manifest of a lavapipe that Dawn accepts, or undefined. */
function findWorkingLavapipe() {
  const manifest = findLavapipe();
  return manifest !== undefined && findsAdapter(vulkanEnv(manifest)) ? manifest : undefined;
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
  const [best] = availableAdapters();
  if (best === 'lavapipe' || best === 'swiftshader') useSoftwareDriver(best);
}

/** Elsewhere than on Linux the system has its own software adapter or GPU; on Linux a GPU shows as a device file. */
function hasSystemAdapter() {
  if (process.platform !== 'linux') return true;
  const hasDevice =
    existsSync('/dev/nvidiactl') ||
    existsSync('/dev/dxg') ||
    (existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD')));
  return hasDevice && findsAdapter({});
}
