/** A batch that is killed three times. */
import { testKilledBatch } from './killed-batches.ts';

testKilledBatch(500, 3, 900_000);
