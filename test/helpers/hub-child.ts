/**
 * Run in a process of its own: reads the weights of a model of the hub, which HF_ENDPOINT and HF_HOME name, and prints their SHA-256
 * and the warnings, as JSON. Prints a line "reading" with the first byte.
 */
import { createHash } from 'node:crypto';
import { openModelFiles } from '../../src/platform/node-model-files.ts';

const [id = '', pieceByteLength = '1000000'] = process.argv.slice(2);
const warnings: string[] = [];
const files = openModelFiles(id, {
  onWarning: (code, message) => warnings.push(`${code}: ${message}`),
});
const source = await files.open('model.safetensors');
if (!source) throw new Error('no such file');
const hash = createHash('sha256');
for (let offset = 0; offset < source.byteLength; offset += Number(pieceByteLength)) {
  hash.update(await source.read(offset, Math.min(Number(pieceByteLength), source.byteLength - offset)));
  if (offset === 0) console.log('reading');
}
await source.finish?.();
await source.close();
console.log(JSON.stringify({ sha256: hash.digest('hex'), warnings }));
