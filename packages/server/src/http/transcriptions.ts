/** `POST /v1/audio/transcriptions`: an answer, or a stream of events. */
import type { JobProgress, TranscribedClip } from '../engine/transcription-job.ts';
import { acceptUpload, removedAfter } from './accept-upload.ts';
import { ApiError, toApiError } from './api-error.ts';
import { EventQueue, eventStream } from './event-stream.ts';
import { ignoredHeader } from './form-fields.ts';
import type { Front } from './front.ts';
import { paddedJson } from './padded-json.ts';
import type { RequestRecord } from './request-record.ts';
import { runTranscription, type TranscriptionRun } from './run-transcription.ts';
import type { SpooledUpload } from './spool.ts';
import { answerBody, plainTranscript, verboseTranscript } from './transcript-bodies.ts';
import { type TranscriptionRequest, transcriptionRequest } from './transcription-request.ts';

export async function transcribe(front: Front, record: RequestRecord): Promise<Response> {
  const { pool, settings } = front;
  const { fields, spooled } = await acceptUpload(front, record);
  try {
    const request = transcriptionRequest(fields, pool.models, settings);
    record.model = request.modelId;
    record.format = request.format;
    const headers = ignoredHeaders(request.ignored);
    const run = {
      id: spooled.id,
      file: spooled.file,
      deadlineMilliseconds: settings.deadlineMilliseconds,
      maxAudioSeconds: settings.maxAudioSeconds,
      signals: [record.signal, front.draining.signal],
    };
    if (request.streams) return await streamed(front, record, request, run, headers, spooled);
    const answer = removedAfter(spooled, runTranscription(pool, request, run)).then((clip) =>
      answerOf(front, record, request, clip, headers),
    );
    return await answerWith(front, record, request, answer, headers);
  } catch (error) {
    await spooled.remove();
    throw error;
  }
}

/** Names of fields without effect, for the client that sent them. */
export const ignoredHeaders = (names: readonly string[]): Readonly<Record<string, string>> =>
  names.length === 0 ? {} : { 'x-unispeech-ignored': ignoredHeader(names) };

interface TextAnswer {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

function answerOf(
  { metrics, pool }: Front,
  record: RequestRecord,
  request: TranscriptionRequest,
  clip: TranscribedClip,
  headers: Readonly<Record<string, string>>,
): TextAnswer {
  record.audioSeconds = clip.durationSeconds;
  const start = performance.now();
  const { contentType, text } = answerBody(clip, request, languagesOf(pool.models, request.modelId));
  metrics.observeStage('format', (performance.now() - start) / 1000);
  return { text, headers: { ...headers, 'content-type': contentType } };
}

const languagesOf = (models: Front['pool']['models'], id: string): readonly string[] =>
  models.find((model) => model.id === id)?.facts?.languages ?? [];

/** JSON waits for as long as it takes; other formats have no place for padding. */
export async function answerWith(
  { settings }: Front,
  record: RequestRecord,
  { format }: { readonly format: string },
  answer: Promise<TextAnswer>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  if (format !== 'json' && format !== 'verbose_json') {
    const { text, headers: own } = await answer;
    return new Response(text, { headers: own });
  }
  const late = { ...headers, 'content-type': 'application/json' };
  return paddedJson(answer, late, settings, (error) => record.breakOff(toApiError(error)));
}

/** For so long a stream waits for a refusal, which then has a status of its own. */
const REFUSAL_MILLISECONDS = 250;

/**
 * The text as it becomes final: the deltas, put together as they are, are the text of the whole answer. What fails after the headers
 * is an event, as OpenAI's clients read it.
 */
async function streamed(
  front: Front,
  record: RequestRecord,
  request: TranscriptionRequest,
  run: TranscriptionRun,
  headers: Readonly<Record<string, string>>,
  spooled: SpooledUpload,
): Promise<Response> {
  const { pool, settings } = front;
  const events = new EventQueue();
  let sent = '';
  const sendDelta = (delta: string): void => {
    if (delta !== '') events.push({ data: { type: 'transcript.text.delta', delta } });
    sent += delta;
  };
  let areHeadersSent = false;
  let queuedShown = -1;
  const accepted = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, REFUSAL_MILLISECONDS);
    const onProgress = ({ stage, jobsBefore }: JobProgress): void => {
      if (stage === 'running') resolve();
      else if (jobsBefore !== queuedShown) events.push({ comment: `queued ${jobsBefore}` });
      queuedShown = jobsBefore;
    };
    const onPart = ({ text }: { readonly text: string }): void => sendDelta(text);
    removedAfter(spooled, runTranscription(pool, request, { ...run, onProgress, onPart }))
      .then((clip) => {
        record.audioSeconds = clip.durationSeconds;
        if (!clip.text.startsWith(sent)) throw new Error('The parts of a clip are not its text.');
        sendDelta(clip.text.slice(sent.length));
        events.push({ data: doneEvent(clip, request, languagesOf(pool.models, request.modelId)) });
        resolve();
      })
      .catch((error: unknown) => {
        if (!areHeadersSent) reject(toApiError(error));
        const failure = toApiError(error);
        record.errorCode = failure.code;
        record.cause ??= failure.cause;
        events.push({ data: failure.body });
      })
      .finally(() => {
        clearTimeout(timer);
        events.close();
      });
  });
  await accepted;
  areHeadersSent = true;
  return eventStream(events, settings.beatMilliseconds, headers);
}

function doneEvent(
  clip: TranscribedClip,
  request: TranscriptionRequest,
  languages: readonly string[],
): object {
  const { text, logprobs, usage } = plainTranscript(clip, request);
  const { segments, words, chars, phonemes } =
    request.format === 'verbose_json' ? verboseTranscript(clip, request, languages) : {};
  return { type: 'transcript.text.done', text, logprobs, segments, words, chars, phonemes, usage };
}

/** Models of the kind that is served here write what is said, in its language. */
export const refuseTranslation = (): never => {
  throw new ApiError(
    'unsupported_endpoint',
    'CTC models do not translate. Send the audio to /v1/audio/transcriptions and translate the text elsewhere.',
  );
};
