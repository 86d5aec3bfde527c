/**
 * `unispeech-webgpu-server`: the server as a part of another program. `unispeech-server` is the command.
 *
 * Everything exported here is public; nothing else is.
 */
export type {
  EnginePool,
  EnginePoolOptions,
  PoolEvent,
  PoolStats,
  ServedModel,
} from './engine/engine-pool.ts';
export { createEnginePool } from './engine/create-pool.ts';
export { EngineError, type EngineErrorCode } from './engine/engine-error.ts';
export { type FrontSettings, frontSettings } from './http/front-settings.ts';
export { type RunningServer, type ServerParts, startServer } from './start-server.ts';
