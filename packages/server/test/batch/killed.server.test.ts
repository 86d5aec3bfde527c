/** A small batch that is killed once. */
import { testKilledBatch } from './killed-batches.ts';

testKilledBatch(30, 1, 180_000);
