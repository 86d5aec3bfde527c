/** `GET /v1/models`: what is served, as OpenAI lists models, and what we know beside. */
import type { ServedModel } from '../engine/engine-pool.ts';
import type { Front } from './front.ts';
import { findModel } from './model-choice.ts';

interface ShownModel {
  readonly id: string;
  readonly object: 'model';
  /** Seconds since 1970: when this server started. */
  readonly created: number;
  readonly owned_by: string;
  readonly status: ServedModel['status'];
  readonly languages: readonly string[];
  /** Null until the model was loaded for the first time. */
  readonly units: 'words' | 'phonemes' | null;
  readonly sampling_rate: number | null;
  readonly dtype: string | null;
}

const STARTED = Math.floor(Date.now() / 1000);

function shownModel({ id, status, facts, dtype }: ServedModel): ShownModel {
  const [owner = '', ...rest] = id.split('/');
  return {
    id,
    object: 'model',
    created: STARTED,
    owned_by: rest.length > 0 ? owner : 'local',
    status,
    languages: facts?.languages ?? [],
    units: facts?.units ?? null,
    sampling_rate: facts?.samplingRate ?? null,
    dtype: facts?.dtype ?? dtype ?? null,
  };
}

export const listModels = ({ pool }: Front): Response =>
  Response.json({ object: 'list', data: pool.models.map(shownModel) });

export const showModel = ({ pool, settings }: Front, name: string): Response =>
  Response.json(shownModel(findModel(name, pool.models, settings)));
