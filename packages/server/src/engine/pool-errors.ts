/** What the pool says of clips that it does not serve. */
import { EngineError } from './engine-error.ts';

const NO_DEVICE_RETRY_SECONDS = 30;
const AWAY_RETRY_SECONDS = 5;

export const draining = (): EngineError =>
  new EngineError('draining', 'The server is being stopped. Try again in a moment.', 5);

export const noDevice = (): EngineError =>
  new EngineError('no_device', 'No engine can be started: the log says why.', NO_DEVICE_RETRY_SECONDS);

export const away = (): EngineError =>
  new EngineError(
    'model_loading',
    'The engine could not be started just now, and is tried again. Try again in a moment.',
    AWAY_RETRY_SECONDS,
  );

export const late = (milliseconds: number): EngineError =>
  new EngineError(
    'deadline_exceeded',
    `The clip has waited ${milliseconds / 1000} s for an engine, the most that it may.`,
  );

/** Errors must not tell clients where their file lay. */
export function withoutPath(error: unknown, file: string, name: string): unknown {
  if (error instanceof Error && error.message.includes(file))
    error.message = error.message.replaceAll(file, name);
  return error;
}
