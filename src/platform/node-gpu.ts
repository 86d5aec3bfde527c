import { UniSpeechError } from '../base/errors.ts';

/**
 * Flags for Dawn. Timestamps in Node need no quantisation (it guards web pages against timing attacks).
 * Robustness, Dawn's clamping of every index, costs up to a factor of two on software adapters; every
 * kernel here bounds its own indices, and the tests run without it too.
 */
const DAWN_FLAGS = [
  'disable-dawn-features=timestamp_quantization',
  'enable-dawn-features=disable_robustness',
];

// Once this object is collected the process aborts, so it lives as long as the module.
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
    throw new UniSpeechError(
      'no-webgpu',
      'The npm package "webgpu" (Dawn) could not be loaded.',
      'Install it with "npm install webgpu"; it has builds for Linux, macOS and Windows on x64 and arm64.',
      { cause },
    );
  }
  return dawn.create(DAWN_FLAGS);
}

/** What to do when Dawn finds no adapter, for this operating system. */
export function noAdapterFix(): string {
  switch (process.platform) {
    case 'linux':
      return 'Install a Vulkan driver for your GPU, or a software one: on Debian and Ubuntu "sudo apt-get install mesa-vulkan-drivers libvulkan1" (Mesa 23 or newer).';
    case 'darwin':
      return 'macOS 13 or newer with a Metal GPU is needed; virtual machines need a paravirtualised GPU.';
    case 'win32':
      return 'Update the graphics driver (Direct3D 12 is needed), or enable the software adapter WARP by installing the Graphics Tools optional feature.';
    default:
      return 'Supported systems are Linux (Vulkan), macOS (Metal) and Windows (Direct3D 12).';
  }
}
