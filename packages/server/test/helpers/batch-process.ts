/** `unispeech-server batch` in a process of its own, with the sources of the engine. */
import { runBatch } from '../../src/batch-command.ts';

await runBatch(process.argv.slice(2));
