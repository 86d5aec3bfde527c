#!/usr/bin/env node
/** The command `unispeech-server`. */
import { readFileSync } from 'node:fs';
import { runBatch } from './batch-command.ts';
import { serve } from './serve.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};
const place = { version, pageFolder: new URL('./page/', import.meta.url) };

const words = process.argv.slice(2);
const [first = 'serve', ...rest] = words;
if (first === '--version' || first === '-V') console.log(version);
else if (first === 'batch' || first === 'work') await runBatch(words);
else if (first === 'serve' || first.startsWith('-')) await serve(first === 'serve' ? rest : words, place);
else {
  console.error(`unispeech-server: there is no command "${first}", expected serve, batch or work`);
  process.exitCode = 2;
}
