import type { Plugin } from 'esbuild';

export function minifyWgsl(source: string): string;
export function joinLines(code: string): string;
export function minifiedWgsl(folder: string): Plugin;
export function uniformNames(folder: string): string[];
