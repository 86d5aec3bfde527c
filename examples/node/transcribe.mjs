// Prints what is said in an audio file, and when: node examples/node/transcribe.mjs FILE MODEL_FOLDER
import { pipeline } from 'unispeech-webgpu';

const [file, model] = process.argv.slice(2);
if (!file || !model) throw new Error('usage: node examples/node/transcribe.mjs FILE MODEL_FOLDER');
const recognize = await pipeline('automatic-speech-recognition', model);
const { text, chunks } = await recognize(file, { return_timestamps: 'word' });
console.log(text);
for (const { text: word, timestamp } of chunks) console.log(word, timestamp);
await recognize.dispose();
