/**
 * Gives a machine without any GPU a software Vulkan driver, without asking and without installing anything:
 * the dev dependency `@sparticuz/chromium` carries Chromium's SwiftShader and a Vulkan loader, which are
 * unpacked into `node_modules/.cache`. Used by the demo and the tests; the library itself never does this.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ICD_FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
/** Linux's dlopen flag that keeps a library loaded; Node has no name for it. */
const RTLD_NODELETE = 0x1000;

/** Files of a POSIX tar archive (regular files only): name → content. */
function untar(archive) {
  const files = new Map();
  for (let offset = 0; offset + 512 <= archive.length && archive[offset] !== 0;) {
    const field = (start, end) =>
      archive
        .toString('utf8', offset + start, offset + end)
        .replace(/\0.*$/s, '')
        .trim();
    const byteLength = Number.parseInt(field(124, 136), 8);
    const isFile = field(156, 157) === '0' || field(156, 157) === '';
    if (isFile)
      files.set(path.basename(field(0, 100)), archive.subarray(offset + 512, offset + 512 + byteLength));
    offset += 512 + Math.ceil(byteLength / 512) * 512;
  }
  return files;
}

/** Unpacks SwiftShader once and returns its folder, or undefined where the package has none for this machine. */
function unpackSwiftShader() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = path.join(ROOT, 'node_modules', '.cache', 'swiftshader');
  if (existsSync(path.join(folder, 'vk_swiftshader_icd.json'))) return folder;
  const packageFolder = path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  const archive = [packageFolder, path.dirname(packageFolder), path.dirname(path.dirname(packageFolder))]
    .map((parent) => path.join(parent, 'bin', 'swiftshader.tar.br'))
    .find((file) => existsSync(file));
  if (archive === undefined) return undefined;
  // Unpacked beside its final place and renamed, so that two processes at once, or one killed half-way, do no harm.
  const scratch = `${folder}.${process.pid}`;
  mkdirSync(scratch, { recursive: true });
  for (const [name, content] of untar(brotliDecompressSync(readFileSync(archive)))) {
    writeFileSync(path.join(scratch, name), content);
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

const pointVulkanAt = (manifest) => {
  process.env.VK_DRIVER_FILES = manifest;
  process.env.VK_ICD_FILENAMES = manifest;
};

/** Which software drivers this machine can have: any of 'lavapipe', 'swiftshader'. */
export function softwareDrivers() {
  return [findLavapipe() && 'lavapipe', unpackSwiftShader() && 'swiftshader'].filter(Boolean);
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
    pointVulkanAt(manifest);
    return;
  }
  const folder = unpackSwiftShader();
  if (folder === undefined) {
    throw new Error(
      'no bundled SwiftShader for this platform: run npm ci with dev dependencies on Linux x64, or use a real GPU',
    );
  }
  pointVulkanAt(path.join(folder, 'vk_swiftshader_icd.json'));
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
 * Uses the machine's own GPU where there is one, else lavapipe, else SwiftShader.
 * `UNISPEECH_VULKAN` (`system`, `lavapipe` or `swiftshader`) decides instead where it is set.
 */
export function ensureVulkan() {
  const wanted = process.env.UNISPEECH_VULKAN;
  if (wanted === 'system') return;
  if (wanted === 'lavapipe' || wanted === 'swiftshader') return useSoftwareDriver(wanted);
  if (wanted) throw new Error(`UNISPEECH_VULKAN is "${wanted}": expected system, lavapipe or swiftshader`);
  if (process.platform !== 'linux' || hasRenderNode()) return;
  const [best] = softwareDrivers();
  if (best) useSoftwareDriver(best);
}

/** Whether the kernel exposes a GPU at all: without one no hardware Vulkan driver can work. */
function hasRenderNode() {
  try {
    return (
      readdirSync('/dev/dri').some((name) => name.startsWith('renderD')) ||
      existsSync('/dev/nvidiactl') ||
      existsSync('/dev/dxg')
    );
  } catch {
    return existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
  }
}
