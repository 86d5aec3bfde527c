/** What the fields of a form ask of a transcription, checked. Pure. */
import type { ModelFacts, ServedModel } from '../engine/engine-pool.ts';
import type { TranscriptionOptions } from '../engine/transcription-job.ts';
import { ApiError } from './api-error.ts';
import { choiceOf, type FormFields, shown } from './form-fields.ts';
import { checkedLanguage, chosenModel, type ModelNames } from './model-choice.ts';

export const TRANSCRIPT_FORMATS = ['json', 'text', 'srt', 'vtt', 'verbose_json', 'textgrid'] as const;
export type TranscriptFormat = (typeof TRANSCRIPT_FORMATS)[number];

export const GRANULARITIES = ['word', 'segment', 'char', 'phoneme'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** Plain data, which a job keeps in its folder. */
export interface TranscriptionRequest {
  readonly modelId: string;
  readonly format: TranscriptFormat;
  /** Of what the answer has times. */
  readonly granularities: readonly Granularity[];
  readonly streams: boolean;
  readonly withLogprobs: boolean;
  readonly language: string | undefined;
  /** Words that are likelier than the model says. */
  readonly hotwords: readonly string[];
  /** Pauses of so many seconds end a caption or segment; undefined for those of this server. */
  readonly pauseSeconds: number | undefined;
  /** Fields without effect. */
  readonly ignored: readonly string[];
}

/** @throws ApiError */
export function transcriptionRequest(
  fields: FormFields,
  models: readonly ServedModel[],
  names: ModelNames,
): TranscriptionRequest {
  const model = chosenModel(fields, models, names);
  const format = formatOf(fields);
  const streams = fields.flag('stream');
  if (streams && !['json', 'text', 'verbose_json'].includes(format)) {
    throw new ApiError(
      'unsupported_value',
      `The response_format "${format}" cannot be streamed, expected "json", "text" or "verbose_json" with stream. Leave "stream" out.`,
      { param: 'stream' },
    );
  }
  const hasTimes = format === 'verbose_json' || format === 'textgrid';
  const granularities = granularitiesOf(fields, format, model);
  if (!hasTimes) fields.giveBack('timestamp_granularities');
  const withLogprobs = fields.choices('include', ['logprobs']).has('logprobs');
  if (withLogprobs && searches(model)) throw noTokens('include', 'logprobs', model);
  if (withLogprobs && format !== 'json' && !streams) fields.giveBack('include');
  const language = checkedLanguage(fields, model);
  const hasSegments = format === 'srt' || format === 'vtt' || granularities.includes('segment');
  const { pauseSeconds, ignored } = chunkingOf(fields, hasSegments);
  const hotwords = hotwordsOf(fields, model);
  return {
    modelId: model.id,
    format,
    granularities,
    streams,
    withLogprobs,
    language,
    hotwords,
    pauseSeconds,
    ignored: [...fields.ignored, ...ignored],
  };
}

const noTokens = (field: string, value: string, { id }: ServedModel): ApiError =>
  new ApiError(
    'unsupported_value',
    `The field "${field}" is "${value}", but the model "${id}" searches for the likeliest text, which gives times of words alone. Leave it out, or start the server with --lm none.`,
    { param: field },
  );

function formatOf(fields: FormFields): TranscriptFormat {
  const name = fields.one('response_format') ?? 'json';
  if (name === 'diarized_json') {
    throw new ApiError(
      'unsupported_value',
      'The response_format "diarized_json" needs a model of speakers, and this server has none. Use "verbose_json" for times.',
      { param: 'response_format' },
    );
  }
  return choiceOf('response_format', name, TRANSCRIPT_FORMATS);
}

function granularitiesOf(
  fields: FormFields,
  format: TranscriptFormat,
  model: ServedModel,
): readonly Granularity[] {
  const chosen = [...fields.choices('timestamp_granularities', GRANULARITIES)];
  const units = model.facts?.units;
  if (units === 'phonemes' && (chosen.includes('word') || chosen.includes('char'))) {
    throw new ApiError(
      'unsupported_value',
      `The field "timestamp_granularities" is "${chosen.join(',')}", but the tokenizer of the model "${model.id}" is of phonemes and knows no words. Use "phoneme" for one entry a phoneme.`,
      { param: 'timestamp_granularities' },
    );
  }
  if (units === 'words' && chosen.includes('phoneme')) {
    throw new ApiError(
      'unsupported_value',
      `The field "timestamp_granularities" is "${chosen.join(',')}", but the model "${model.id}" is of words and knows no phonemes. Use "word" or "char".`,
      { param: 'timestamp_granularities' },
    );
  }
  if (chosen.includes('char') && searches(model)) throw noTokens('timestamp_granularities', 'char', model);
  if (chosen.length > 0) return chosen;
  return format === 'verbose_json' ? ['segment'] : [];
}

/** Whether the model searches for the likeliest text, as far as that is known. */
const searches = ({ facts, decoder }: ServedModel): boolean =>
  facts?.searches ?? (decoder !== undefined && decoder !== 'greedy');

const MAX_HOTWORDS = 1000;
const MAX_HOTWORD_LENGTH = 100;

/** `hotwords` with commas or repeated, `keywords[]` as newer clients of OpenAI write them: of models that search for the likeliest text. */
function hotwordsOf(fields: FormFields, model: ServedModel): readonly string[] {
  if (!searches(model)) return [];
  const hotwords: string[] = [];
  for (const name of ['hotwords', 'keywords']) {
    const words = fields
      .list(name)
      .flatMap((text) => text.split(','))
      .map((word) => word.trim());
    hotwords.push(...words.filter((word) => word !== ''));
    if (hotwords.length <= MAX_HOTWORDS && hotwords.every(({ length }) => length <= MAX_HOTWORD_LENGTH))
      continue;
    throw new ApiError(
      'invalid_value',
      `The field "${name}" has more than ${MAX_HOTWORDS} words, or one of more than ${MAX_HOTWORD_LENGTH} characters.`,
      { param: name },
    );
  }
  return hotwords;
}

/** The settings of OpenAI's detector of speech, and what they may be. */
const DETECTOR_SETTINGS = { threshold: 1, prefix_padding_ms: 60_000, silence_duration_ms: 60_000 } as const;

/**
 * `auto`, or `server_vad` as JSON or as keys in brackets. Long audio is cut in its quietest places either way; a pause of `silence_duration_ms` ends a caption or segment.
 * Places are found by how loud they are beside others, so a threshold has no effect, and no sound is left out that a padding would bring back.
 */
function chunkingOf(
  fields: FormFields,
  hasSegments: boolean,
): Pick<TranscriptionRequest, 'pauseSeconds' | 'ignored'> {
  const text = fields.one('chunking_strategy');
  const keys = fields.object('chunking_strategy');
  if (keys.size === 0 && (text === undefined || text === 'auto'))
    return { pauseSeconds: undefined, ignored: [] };
  const settings: ReadonlyMap<string, unknown> = text === undefined ? keys : parsedSettings(text);
  if (settings.get('type') !== 'server_vad') throw badChunking(text ?? [...keys.values()].join(','));
  const ignored: string[] = [];
  let pauseSeconds: number | undefined;
  for (const [key, value] of settings) {
    if (key === 'type') continue;
    const limit = Object.entries(DETECTOR_SETTINGS).find(([name]) => name === key)?.[1];
    const number = value === '' ? Number.NaN : Number(value);
    if (limit !== undefined && !(number >= 0 && number <= limit)) {
      throw new ApiError(
        'invalid_value',
        `The setting "${key}" of chunking_strategy is ${shown(String(value))}, expected a number from 0 to ${limit}.`,
        { param: 'chunking_strategy' },
      );
    }
    if (key === 'silence_duration_ms' && hasSegments) pauseSeconds = number / 1000;
    else ignored.push(`chunking_strategy.${key}`);
  }
  return { pauseSeconds, ignored };
}

function parsedSettings(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return new Map(Object.entries(value));
  } catch {
    // Reported as every other text that is none.
  }
  throw badChunking(text);
}

const badChunking = (text: string): ApiError =>
  new ApiError(
    'unsupported_value',
    `The field "chunking_strategy" is ${shown(text)}, expected "auto" or an object of the type "server_vad".`,
    { param: 'chunking_strategy' },
  );

/** What the engine is asked for beside the text, so that the answer can be written. @param facts undefined for a model that was never loaded. */
export function wantedUnits(
  {
    format,
    granularities,
    withLogprobs,
  }: Pick<TranscriptionRequest, 'format' | 'granularities' | 'withLogprobs'>,
  facts: Pick<ModelFacts, 'units' | 'searches'> = { units: 'words', searches: false },
): Pick<TranscriptionOptions, 'words' | 'characters' | 'tokens'> {
  const { units } = facts;
  const hasSegments = granularities.includes('segment');
  const isCut = format === 'srt' || format === 'vtt' || format === 'textgrid' || hasSegments;
  const words = (isCut || granularities.includes('word')) && units === 'words';
  const phonemes = (isCut || granularities.includes('phoneme')) && units === 'phonemes';
  return {
    words,
    characters: phonemes || granularities.includes('char'),
    // What is found by a search has no tokens of single frames.
    tokens: withLogprobs || (hasSegments && !facts.searches),
  };
}
