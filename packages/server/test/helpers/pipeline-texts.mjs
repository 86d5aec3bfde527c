/** Prints what `pipeline()` of a package hears in files, as JSON: `pipeline-texts.mjs ENTRY MODEL FILE...`. */
import { pathToFileURL } from 'node:url';

const [entry = '', model = '', ...files] = process.argv.slice(2);
const { pipeline } = await import(pathToFileURL(entry).href);
const recognize = await pipeline('automatic-speech-recognition', model);
const texts = [];
for (const file of files) texts.push((await recognize(file)).text);
await new Promise((resolve) => process.stdout.write(JSON.stringify(texts), resolve));
await recognize.dispose();
