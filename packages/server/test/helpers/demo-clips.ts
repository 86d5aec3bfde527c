/** The sample clips with what the reference reads in them, and the bundled model. Found from the repository's folder, as benchmarks are bundled elsewhere. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface DemoClip {
  readonly name: string;
  readonly file: string;
  readonly seconds: number;
  readonly text: string;
}

interface Golden {
  readonly file: string;
  readonly sampleCount: number;
  readonly sampleRate: number;
  readonly text: string;
}

export const demoModel = (repository: string): string =>
  path.join(repository, 'examples/models/unispeech-tiny-en');

export function demoClips(repository: string): readonly DemoClip[] {
  const goldens = readFileSync(path.join(repository, 'test/reference/goldens/demo.json'), 'utf8');
  return (JSON.parse(goldens) as readonly Golden[]).map(({ file, sampleCount, sampleRate, text }) => ({
    name: file,
    file: path.join(repository, 'examples/audio', file),
    seconds: sampleCount / sampleRate,
    text,
  }));
}
