/** Batches on one PostgreSQL and, where there is one, one Redis or Valkey. */
import { queueServers } from '../helpers/queue-servers.ts';
import { testQueues } from './queue-tests.ts';

testQueues(queueServers('first'));
