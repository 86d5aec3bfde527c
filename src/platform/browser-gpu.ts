import { UniSpeechError } from '../base/errors.ts';

/** The browser's own WebGPU, on a page or in a worker. @throws UniSpeechError `no-webgpu`, which says why it is missing. */
export function requestBrowserGpu(): Promise<GPU> {
  const { gpu } = navigator as { readonly gpu?: GPU };
  if (gpu) return Promise.resolve(gpu);
  throw isSecureContext
    ? new UniSpeechError(
        'no-webgpu',
        'This browser offers no WebGPU.',
        'Use Chrome or Edge 120, Safari 26, Firefox 141, or newer ones; on Linux it may have to be turned on.',
      )
    : new UniSpeechError(
        'no-webgpu',
        `Browsers offer WebGPU to secure pages only, and ${location.origin} is not one.`,
        'Serve the page over https, or from localhost.',
      );
}

export const NO_ADAPTER_FIX =
  'Turn on hardware acceleration in the browser settings, or update the browser and the graphics driver.';
