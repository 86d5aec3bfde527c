/** An engine that takes clips and never answers: two seconds of sound a second, it says. It stops only when it is killed. */
import type { FromEngine, ToEngine } from '../../src/engine/messages.ts';

const send = (message: FromEngine): void => void process.send?.(message);
process.on('message', (message: ToEngine) => {
  if (message.type !== 'load') return;
  const facts = {
    samplingRate: 16_000,
    units: 'words',
    languages: [],
    dtype: 'fp32',
    searches: false,
  } as const;
  send({ type: 'loaded', modelId: message.modelId, facts, adapter: 'none', speed: 2, maxBatch: 8 });
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => undefined);
