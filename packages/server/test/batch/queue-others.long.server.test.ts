/** Batches on the further queue servers of this machine: the PostgreSQL of the system, Valkey beside Redis. */
import { expect, test } from 'vitest';
import { queueServers } from '../helpers/queue-servers.ts';
import { testQueues } from './queue-tests.ts';

const others = queueServers('others');
testQueues(others);

// A file without a test is an error of the runner.
test(`${others.length} further servers were found`, () => {
  expect(others.every(({ name }) => name !== '')).toBe(true);
});
