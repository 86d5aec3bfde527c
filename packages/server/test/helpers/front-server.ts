/** The front in this process, on a free port, with a pool that the test chooses. Ended and removed after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type FrontSettings, frontSettings } from '../../src/http/front-settings.ts';
import { type RunningServer, startServer } from '../../src/start-server.ts';
import { type Script, ScriptedPool } from './scripted-pool.ts';

export interface FrontServer extends RunningServer {
  readonly scripted: ScriptedPool;
  readonly settings: FrontSettings;
  /** The log, a line each. */
  readonly logLines: readonly string[];
}

export async function startFront(
  settings: Partial<FrontSettings> = {},
  {
    pool = new ScriptedPool(),
    ...parts
  }: { pool?: ScriptedPool; metricsPort?: number; pageFiles?: ReadonlyMap<string, string> } = {},
): Promise<FrontServer> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unispeech-front-'));
  const logLines: string[] = [];
  const whole = frontSettings({
    port: 0,
    spoolFolder: path.join(folder, 'spool'),
    jobsFolder: path.join(folder, 'jobs'),
    ...settings,
  });
  const server = await startServer({
    settings: whole,
    version: '1.2.3',
    makePool: () => pool,
    logSink: (line) => logLines.push(line),
    ...parts,
  });
  onTestFinished(async () => {
    await server.stop(0);
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...server, scripted: pool, settings: whole, logLines };
}

/** A form with a file that says what the scripted pool makes of it. */
export function formOf(
  script: Script | string,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
): FormData {
  const form = new FormData();
  form.append(
    'file',
    new Blob([typeof script === 'string' ? script : JSON.stringify(script)]),
    'secret-name.wav',
  );
  for (const [name, value] of Object.entries(fields))
    for (const one of [value].flat()) form.append(name, one);
  return form;
}

export const post = (url: string, form: FormData, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/v1/audio/transcriptions`, { ...init, method: 'POST', body: form });

interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly message: string;
  readonly headers: Headers;
}

/** What an answer that is an error says. */
export async function errorOf(response: Response): Promise<ErrorAnswer> {
  const { error } = (await response.json()) as {
    error: { code: string; param: string | null; message: string };
  };
  return { status: response.status, headers: response.headers, ...error };
}
