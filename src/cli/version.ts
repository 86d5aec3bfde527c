/** The version of this package, read from its package.json. */
import { createRequire } from 'node:module';

export function packageVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('unispeech-webgpu/package.json');
  return (manifest as { readonly version: string }).version;
}
