/**
 * `unispeech-server batch` and `work` in a process of their own, with the sources of the engine, and with the script of engine processes that
 * `UNISPEECH_TEST_ENGINE` names.
 */
import { runBatch } from '../../src/batch-command.ts';

await runBatch(process.argv.slice(2), process.env.UNISPEECH_TEST_ENGINE);
