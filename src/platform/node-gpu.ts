import { readFileSync } from 'node:fs';
import { isRecord, messageOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { paceDawn } from './dawn-polling.ts';

/**
 * Flags for Dawn. Timestamps are not quantised in Node: quantisation protects web pages from timing attacks.
 * Robustness, Dawn's clamping of every index, costs up to a factor of two on software adapters. It is off, because every
 * kernel here bounds its own indices; the tests run without it, too.
 */
const DAWN_FLAGS: string[] = [
  'disable-dawn-features=timestamp_quantization',
  'enable-dawn-features=disable_robustness',
];

/** A part of an adapter's name, for machines with several. */
const ADAPTER_VARIABLE = 'UNISPEECH_ADAPTER';

/** @param adapter what the environment says. Dawn takes the first adapter whose name holds it, and offers none if no name does. */
export const dawnFlags = (adapter = process.env[ADAPTER_VARIABLE]): string[] =>
  adapter === undefined || adapter === '' ? DAWN_FLAGS : [...DAWN_FLAGS, `adapter=${adapter}`];

// The process aborts when this object is garbage-collected, so the module keeps it.
let gpu: Promise<GPU> | undefined;

/** Dawn through the optional dependency `webgpu`, loaded on first use. */
export function requestNodeGpu(): Promise<GPU> {
  gpu ??= createGpu();
  return gpu;
}

async function createGpu(): Promise<GPU> {
  let dawn: typeof import('webgpu');
  try {
    dawn = await import('webgpu');
  } catch (cause) {
    const [sentence, fix] = explainNoWebGpu(cause);
    throw new UniSpeechError('no-webgpu', sentence, fix, { cause });
  }
  paceDawn(dawn.globals);
  return dawn.create(dawnFlags());
}

/** Tells from the thrown error why `import('webgpu')` failed, and what to do. */
export function explainNoWebGpu(cause: unknown): readonly [sentence: string, fix: string] {
  const code = isRecord(cause) ? cause.code : undefined;
  const reason = messageOf(cause).split('\n', 1).join().slice(0, 120);
  if (code === 'ERR_MODULE_NOT_FOUND' && reason.includes("'webgpu'")) {
    return [
      'The npm package "webgpu" (Dawn) is not installed.',
      'Install it with "npm install webgpu"; it has builds for Linux, macOS and Windows on x64 and arm64.',
    ];
  }
  // The package locates its native module relative to itself, which fails in a bundle.
  const isBundled =
    code === 'ERR_INVALID_ARG_VALUE' ||
    reason.startsWith('Dynamic require') ||
    (reason.includes('dawn.node') && !/node_modules.webgpu/.test(reason));
  return isBundled
    ? [
        `The npm package "webgpu" (Dawn) lost its native module in a bundle: ${reason}.`,
        'Leave it out of the bundle (esbuild: --external:webgpu) and install it where the program runs.',
      ]
    : [
        `The npm package "webgpu" (Dawn) could not be loaded: ${reason}.`,
        'It has builds for Linux (glibc), macOS and Windows on x64 and arm64; "npm install webgpu" installs it anew.',
      ];
}

/** The description of a Linux system; empty if there is none. */
function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/**
 * Advice for machines on which Dawn finds no adapter.
 * @param osRelease content of `/etc/os-release`; read from the file by default.
 */
export function noAdapterFix(
  system: NodeJS.Platform = process.platform,
  osRelease: string = system === 'linux' ? readOsRelease() : '',
  wanted = process.env[ADAPTER_VARIABLE],
): string {
  if (wanted)
    return `${ADAPTER_VARIABLE} is ${describeValue(wanted)}: set it to a part of the name of an adapter here, or unset it.`;
  switch (system) {
    case 'linux': {
      // Debian 12 has Mesa 22.3, whose driver Dawn refuses.
      const isDebian12 = /^(VERSION|DEBIAN)_CODENAME="?bookworm"?$/m.test(osRelease);
      const how = isDebian12
        ? 'on Debian 12 add bookworm-backports, then "sudo apt-get install -t bookworm-backports mesa-vulkan-drivers libvulkan1"'
        : 'on Debian and Ubuntu "sudo apt-get install mesa-vulkan-drivers libvulkan1"';
      return (
        `Install a Vulkan driver for your GPU, or a software one: ${how} (Mesa 23 or newer). ` +
        'A clone of the repository has SwiftShader: "node --import ./scripts/use-vulkan.mjs FILE".'
      );
    }
    case 'darwin':
      return 'macOS 13 or newer with a Metal GPU is needed; virtual machines need a paravirtualised GPU.';
    case 'win32':
      return 'Update the graphics driver (Direct3D 12 is needed), or enable the software adapter WARP by installing the Graphics Tools optional feature.';
    default:
      return 'Supported systems are Linux (Vulkan), macOS (Metal) and Windows (Direct3D 12).';
  }
}
