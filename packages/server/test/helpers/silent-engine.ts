/** An engine that takes clips and never answers: two seconds of sound a second, it says. It stops only when it is killed. */
import type { FromEngine, ToEngine } from '../../src/engine/messages.ts';
import { MODEL_FACTS } from './model-facts.ts';

const send = (message: FromEngine): void => void process.send?.(message);
process.on('message', (message: ToEngine) => {
  if (message.type !== 'load') return;
  send({
    type: 'loaded',
    modelId: message.modelId,
    facts: MODEL_FACTS,
    adapter: 'none',
    speed: 2,
    maxBatch: 8,
  });
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => undefined);
