/**
 * A Chromium for the browser tests, without installing anything: the one that the dev dependency
 * `@sparticuz/chromium` carries (Linux x64), unpacked once into `node_modules/.cache`. `UNISPEECH_CHROMIUM` names
 * another one; on other systems an installed Chrome is used.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { findBundledArchive, untar } from './lib/untar.mjs';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** WebGPU on SwiftShader, and no calls home. */
const FLAGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Unpacks the bundled Chromium and returns its folder, or undefined where the package has none for this machine. */
function unpackChromium() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = path.join(ROOT, 'node_modules', '.cache', 'chromium');
  if (existsSync(path.join(folder, 'chromium'))) return folder;
  const binary = findBundledArchive('chromium.br');
  if (binary === undefined) return undefined;
  const scratch = `${folder}.${process.pid}`;
  const put = (name, content, mode) => {
    const file = path.join(scratch, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  for (const archive of ['swiftshader.tar.br', 'al2023.tar.br', 'fonts.tar.br']) {
    const packed = findBundledArchive(archive);
    if (packed === undefined) continue;
    for (const [name, content] of untar(brotliDecompressSync(readFileSync(packed))))
      put(name, content, 0o755);
  }
  put(
    'fonts.conf',
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${path.join(folder, 'fonts')}</dir><dir>/usr/share/fonts</dir><cachedir>${path.join(folder, 'font-cache')}</cachedir></fontconfig>`,
    0o644,
  );
  put('chromium', brotliDecompressSync(readFileSync(binary)), 0o755);
  try {
    renameSync(scratch, folder);
  } catch {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}

/**
 * Starts Chromium. Close it with `browser.close()`.
 * @param {{ readonly args?: readonly string[] }} [options] further flags.
 * @returns {Promise<import('playwright-core').Browser>}
 * @throws Error that says what to install.
 */
export async function launchChromium({ args = [] } = {}) {
  const flags = [...FLAGS, ...args];
  const named = process.env.UNISPEECH_CHROMIUM;
  const folder = named ? undefined : unpackChromium();
  const [what, options] = named
    ? [`the browser that UNISPEECH_CHROMIUM names (${named})`, { executablePath: named }]
    : folder === undefined
      ? ['an installed Chrome', { channel: 'chrome' }]
      : ['the bundled Chromium', bundledOptions(folder)];
  try {
    return await chromium.launch({ ...options, args: flags });
  } catch (cause) {
    throw new Error(
      `The browser tests could not start ${what}. On Linux x64 run "npm ci" with dev dependencies, which carry a ` +
        'Chromium that needs nothing but glibc and libgcc (on Debian the packages libc6 and libgcc-s1); elsewhere install ' +
        `Chrome 140 or newer, or name a browser in UNISPEECH_CHROMIUM.`,
      { cause },
    );
  }
}

const bundledOptions = (folder) => ({
  executablePath: path.join(folder, 'chromium'),
  env: {
    ...process.env,
    // The bundled libraries come last, so that a system's own newer ones win.
    LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, path.join(folder, 'lib')].filter(Boolean).join(':'),
    // Of the Vulkan drivers only the bundled one, whatever the machine has or its environment names.
    VK_DRIVER_FILES: path.join(folder, 'vk_swiftshader_icd.json'),
    FONTCONFIG_FILE: path.join(folder, 'fonts.conf'),
  },
});
