import type { Browser } from 'playwright-core';

export function launchChromium(options?: { readonly args?: readonly string[] }): Promise<Browser>;
