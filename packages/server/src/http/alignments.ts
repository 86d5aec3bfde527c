/** `POST /v1/audio/alignments`: when each word of a text is said. */
import { toSrt, toTextGrid, toVtt } from 'unispeech-webgpu/captions';
import type { AlignedClip } from '../engine/transcription-job.ts';
import { acceptUpload, removedAfter } from './accept-upload.ts';
import { ApiError, toApiError, withoutFile } from './api-error.ts';
import { CUE_RULES } from './cues.ts';
import type { FormFields } from './form-fields.ts';
import type { Front } from './front.ts';
import { checkedLanguage, chosenModel } from './model-choice.ts';
import type { RequestRecord } from './request-record.ts';
import { roundedTimes, toMilliseconds } from './rounded-times.ts';
import { namedUnits, usageOf } from './transcript-bodies.ts';
import { answerWith, ignoredHeaders } from './transcriptions.ts';

const MAX_TEXT_BYTES = 1024 ** 2;
const FORMATS = ['json', 'srt', 'vtt', 'textgrid'] as const;
type AlignmentFormat = (typeof FORMATS)[number];

export async function align(front: Front, record: RequestRecord): Promise<Response> {
  const { pool, settings, draining } = front;
  const { fields, spooled } = await acceptUpload(front, record, { longFields: { text: MAX_TEXT_BYTES } });
  try {
    const model = chosenModel(fields, pool.models, settings);
    const text = textOf(fields);
    checkedLanguage(fields, model);
    const granularities = fields.choices('granularity', ['word', 'char', 'phoneme']);
    const units = model.facts?.units;
    if (
      units !== undefined &&
      granularities.has('phoneme') !== (units === 'phonemes') &&
      granularities.size > 0
    )
      throw wrongUnits(model.id, units);
    const format = fields.choice('response_format', FORMATS) ?? 'json';
    record.model = model.id;
    record.format = format;
    const headers = ignoredHeaders(fields.ignored);
    const tokens = granularities.has('char') ? 'char' : granularities.has('phoneme') ? 'phoneme' : undefined;
    const signal = AbortSignal.any([record.signal, draining.signal]);
    const aligned = pool
      .align({
        id: spooled.id,
        modelId: model.id,
        file: spooled.file,
        name: 'The file',
        text,
        signal,
        deadlineMilliseconds: settings.deadlineMilliseconds,
        options: { characters: tokens !== undefined, maxSeconds: settings.maxAudioSeconds },
      })
      .catch((error: unknown) => {
        throw withoutFile(toApiError(signal.aborted ? signal.reason : error), spooled.file);
      });
    const answer = removedAfter(spooled, aligned).then((clip) => {
      record.audioSeconds = clip.durationSeconds;
      return {
        text: bodyOf(clip, format, tokens, units === 'phonemes' ? 'phonemes' : 'words'),
        headers: { ...headers, 'content-type': CONTENT_TYPES[format] },
      };
    });
    return await answerWith(front, record, { format }, answer, headers);
  } catch (error) {
    await spooled.remove();
    throw error;
  }
}

const CONTENT_TYPES: Readonly<Record<AlignmentFormat, string>> = {
  json: 'application/json',
  srt: 'text/plain; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  textgrid: 'text/plain; charset=utf-8',
};

function textOf(fields: FormFields): string {
  const text = fields.one('text');
  if (text !== undefined) return text;
  throw new ApiError(
    'missing_required_parameter',
    'The form has no field "text", expected what is said in the audio.',
    { param: 'text' },
  );
}

const wrongUnits = (modelId: string, units: 'words' | 'phonemes'): ApiError =>
  new ApiError(
    'unsupported_value',
    units === 'words'
      ? `The field "granularity" is "phoneme", but the model "${modelId}" is of words. Use "word" or "char".`
      : `The field "granularity" is of words, but the model "${modelId}" is of phonemes. Use "phoneme".`,
    { param: 'granularity' },
  );

function bodyOf(
  clip: AlignedClip,
  format: AlignmentFormat,
  tokens: 'char' | 'phoneme' | undefined,
  units: 'words' | 'phonemes',
): string {
  const { durationSeconds } = clip;
  const words = roundedTimes(clip.words, durationSeconds);
  const characters = clip.characters ?? [];
  switch (format) {
    case 'srt':
      return toSrt({ words }, CUE_RULES);
    case 'vtt':
      return toVtt({ words }, CUE_RULES);
    case 'textgrid': {
      const tiers =
        tokens === 'char' ? [{ name: 'chars', words: roundedTimes(characters, durationSeconds) }] : [];
      return toTextGrid({ words }, { duration_s: durationSeconds, tier_name: units, tiers });
    }
    case 'json':
      return JSON.stringify({
        text: clip.text,
        duration: toMilliseconds(durationSeconds),
        score: clip.score,
        words: namedUnits('word', clip.words, durationSeconds),
        ...(tokens && { [`${tokens}s`]: namedUnits(tokens, characters, durationSeconds) }),
        unaligned: clip.unaligned,
        usage: usageOf(durationSeconds),
      });
  }
}
