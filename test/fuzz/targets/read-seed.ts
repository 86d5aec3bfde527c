/** The seeds: small files of this repository. */
import { readFileSync } from 'node:fs';

/** @param file from the root of the repository, where the harness is run. */
export const readSeed = (file: string): Uint8Array => new Uint8Array(readFileSync(file));

export const readJsonSeed = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
