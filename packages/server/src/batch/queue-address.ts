/** The address of a queue server, and what BullMQ needs to reach it: Redis, Valkey or PostgreSQL. */
import { UniSpeechError } from 'unispeech-webgpu/captions';

export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  readonly url: string;
}

/**
 * @param address such as `redis://127.0.0.1:6379` or `postgres://user@host/database`; `rediss://`, `valkey://` and `postgresql://` are known, too.
 * @throws UniSpeechError `bad-option`. The message never holds the address, which may hold a password.
 */
export function parseQueueAddress(address: string): QueueAddress {
  const scheme = /^([a-z]+):\/\/[^\s]+$/.exec(address)?.[1];
  if (scheme === 'redis' || scheme === 'rediss') return { kind: 'redis', url: address };
  if (scheme === 'valkey' || scheme === 'valkeys')
    return { kind: 'redis', url: address.replace(/^valkey/, 'redis') };
  if (scheme === 'postgres' || scheme === 'postgresql') return { kind: 'postgres', url: address };
  throw new UniSpeechError(
    'bad-option',
    `--queue is ${scheme === undefined ? 'no address' : `an address of ${scheme}`}, expected redis://, rediss://, valkey:// or postgres://.`,
    'Give the address of a server, such as redis://127.0.0.1:6379.',
  );
}
