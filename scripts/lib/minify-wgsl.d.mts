import type { Plugin } from 'esbuild';

export function minifyWgsl(source: string): string;
export function minifiedWgsl(): Plugin;
