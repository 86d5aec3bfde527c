/** A transcribed clip as the bodies that clients ask for. Pure. */
import { deflateSync } from 'node:zlib';
import { toSrt, toTextGrid, toVtt } from 'unispeech-webgpu/captions';
import type { TranscribedClip, TranscribedToken, TranscribedUnit } from '../engine/transcription-job.ts';
import { cueRules, groupedUnits, unitsOf } from './cues.ts';
import { roundedTimes, toMilliseconds } from './rounded-times.ts';
import type { TranscriptFormat, TranscriptionRequest } from './transcription-request.ts';

export type ShownRequest = Pick<
  TranscriptionRequest,
  'format' | 'granularities' | 'withLogprobs' | 'language' | 'pauseSeconds'
>;

export interface AnswerBody {
  readonly contentType: string;
  readonly text: string;
}

const CONTENT_TYPES: Readonly<Record<TranscriptFormat, string>> = {
  json: 'application/json',
  verbose_json: 'application/json',
  text: 'text/plain; charset=utf-8',
  srt: 'text/plain; charset=utf-8',
  vtt: 'text/vtt; charset=utf-8',
  textgrid: 'text/plain; charset=utf-8',
};

/** @param modelLanguages what the model declares: its only one is the language where the request names none. */
export function answerBody(
  clip: TranscribedClip,
  request: ShownRequest,
  modelLanguages: readonly string[],
): AnswerBody {
  return {
    contentType: CONTENT_TYPES[request.format],
    text: textOf(clip, request, modelLanguages),
  };
}

function textOf(clip: TranscribedClip, request: ShownRequest, modelLanguages: readonly string[]): string {
  const words = roundedTimes(unitsOf(clip), clip.durationSeconds);
  switch (request.format) {
    case 'json':
      return JSON.stringify(plainTranscript(clip, request));
    case 'verbose_json':
      return JSON.stringify(verboseTranscript(clip, request, modelLanguages));
    case 'text':
      return `${clip.text}\n`;
    case 'srt':
      return toSrt({ words }, cueRules(request));
    case 'vtt':
      return toVtt({ words }, cueRules(request));
    case 'textgrid':
      return toTextGrid(
        { words },
        {
          duration_s: clip.durationSeconds,
          tier_name: clip.words ? 'words' : 'phonemes',
          tiers: request.granularities.includes('char')
            ? [{ name: 'chars', words: roundedTimes(clip.characters ?? [], clip.durationSeconds) }]
            : [],
        },
      );
  }
}

export interface DurationUsage {
  readonly type: 'duration';
  readonly seconds: number;
}

export const usageOf = (durationSeconds: number): DurationUsage => ({
  type: 'duration',
  seconds: toMilliseconds(durationSeconds),
});

export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  /** UTF-8. */
  readonly bytes: readonly number[];
}

export interface PlainTranscript {
  readonly text: string;
  readonly logprobs?: readonly TokenLogprob[];
  readonly usage: DurationUsage;
}

export const plainTranscript = (clip: TranscribedClip, request: ShownRequest): PlainTranscript => ({
  text: clip.text,
  ...(request.withLogprobs && { logprobs: logprobsOf(clip.tokens ?? []) }),
  usage: usageOf(clip.durationSeconds),
});

export const logprobsOf = (tokens: readonly TranscribedToken[]): readonly TokenLogprob[] =>
  tokens.map(({ token, logprob }) => ({ token, logprob, bytes: [...Buffer.from(token)] }));

/** The ten fields of OpenAI's segments, all of which typed clients read. */
export interface TranscriptSegment {
  readonly id: number;
  readonly seek: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly tokens: readonly number[];
  readonly temperature: number;
  readonly avg_logprob: number;
  readonly compression_ratio: number;
  readonly no_speech_prob: number;
}

export interface VerboseTranscript {
  readonly task: 'transcribe';
  readonly language: string;
  readonly duration: number;
  readonly text: string;
  readonly segments?: readonly TranscriptSegment[];
  readonly words?: readonly Readonly<Record<string, string | number>>[];
  readonly chars?: readonly Readonly<Record<string, string | number>>[];
  readonly phonemes?: readonly Readonly<Record<string, string | number>>[];
  readonly usage: DurationUsage;
}

export function verboseTranscript(
  clip: TranscribedClip,
  request: ShownRequest,
  modelLanguages: readonly string[],
): VerboseTranscript {
  const { durationSeconds, text, words = [], characters = [] } = clip;
  const { granularities, language } = request;
  const [only = '', ...others] = modelLanguages;
  const named = (key: string, units: readonly TranscribedUnit[]) => namedUnits(key, units, durationSeconds);
  return {
    task: 'transcribe',
    language: language ?? (others.length === 0 ? only : ''),
    duration: toMilliseconds(durationSeconds),
    text,
    ...(granularities.includes('segment') && { segments: segmentsOf(clip, request) }),
    ...(granularities.includes('word') && { words: named('word', words) }),
    ...(granularities.includes('char') && { chars: named('char', characters) }),
    ...(granularities.includes('phoneme') && { phonemes: named('phoneme', unitsOf({ characters })) }),
    usage: usageOf(durationSeconds),
  };
}

/** `{ word, start, end, probability }`: the key says of what the text is. */
export const namedUnits = (
  key: string,
  units: readonly TranscribedUnit[],
  durationSeconds: number,
): readonly Readonly<Record<string, string | number>>[] =>
  roundedTimes(units, durationSeconds).map(({ text, start, end, probability }) => ({
    [key]: key === 'char' ? text : text.trim(),
    start,
    end,
    ...(probability !== undefined && { probability }),
  }));

/** The captions of the clip, with the tokens that begin in each or before the next one. */
function segmentsOf(clip: TranscribedClip, request: ShownRequest): readonly TranscriptSegment[] {
  const groups = groupedUnits(roundedTimes(unitsOf(clip), clip.durationSeconds), cueRules(request));
  const starts = groups.map(([first]) => first?.start ?? 0);
  const tokens = roundedTimes(clip.tokens ?? [], clip.durationSeconds);
  return groups.map((group, id) => {
    const text = group.map((unit) => unit.text.trim()).join(' ');
    const from = id === 0 ? 0 : (starts[id] ?? 0);
    const to = starts[id + 1] ?? Infinity;
    const own = tokens.filter(({ start }) => start >= from && start < to);
    return {
      id,
      seek: 0,
      start: group[0]?.start ?? 0,
      end: group.at(-1)?.end ?? 0,
      text,
      tokens: own.map((token) => token.id),
      temperature: 0,
      avg_logprob: own.length === 0 ? 0 : own.reduce((sum, { logprob }) => sum + logprob, 0) / own.length,
      compression_ratio: Buffer.byteLength(text) / deflateSync(text).byteLength,
      no_speech_prob: 0,
    };
  });
}
