/** The calls of a pipeline that a worker runs: what the page does for each, and what it sends. */
import { abortWith } from '../base/abortable.ts';
import { isList } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { checkBoolean, checkCallback, checkObject, checkSignal } from '../base/option-checks.ts';
import { unpackError } from '../base/packed-error.ts';
import { SharedTurns } from '../base/turns.ts';
import type { CallOptions } from '../pipelines/call-options.ts';
import { checkClips } from '../pipelines/clip-list.ts';
import type { Channel } from './channel.ts';
import { packAudio, packClip, type PackOptions } from './pack-audio.ts';
import { partsOf } from '../base/parts.ts';
import type { EachPart, RequestBody } from './protocol.ts';
import { receiveResult } from './results.ts';
import type { ServedItem } from './served-sources.ts';

/** The options of a call that the page reads. The worker checks the others. */
export type PageCallOptions = Pick<CallOptions, 'signal'>;

interface PageEachOptions extends PageCallOptions {
  readonly ordered?: boolean;
  readonly progress_callback?: (progress: unknown) => void;
}

/** The calls. Only workers of speech recognition have all of them. */
interface WorkerCalls {
  readonly run: (audio: unknown, options?: PageCallOptions) => Promise<unknown>;
  readonly stream: (audio: unknown, options?: PageCallOptions) => AsyncGenerator;
  readonly emissions: (audio: unknown, options?: PageCallOptions) => AsyncGenerator;
  readonly each: (clips: unknown, options?: PageEachOptions) => AsyncGenerator;
  readonly emissionInfo: () => Promise<unknown>;
  readonly set_target_lang: (language: unknown, options?: { readonly signal?: AbortSignal }) => Promise<void>;
}

/** What belongs to one call: a signal that ends with it, and sources that the worker reads. */
interface CallScope extends PackOptions {
  readonly signal: AbortSignal;
}

/** @param sampleRate the model's, in Hz. */
export function callsOf(channel: Channel, sampleRate: number): WorkerCalls {
  // The page reads files for the worker, so turns are kept here as well.
  const turns = new SharedTurns();

  /** The sources of the call are closed when the work is over, whatever ends it. */
  async function* scoped<Item>(
    callSignal: AbortSignal | undefined,
    work: (scope: CallScope) => AsyncIterable<Item>,
  ): AsyncGenerator<Item, void, undefined> {
    const leaving = new AbortController();
    const sources: number[] = [];
    const serve: CallScope['serve'] = (served) => {
      const source = channel.sources.add(served);
      sources.push(source);
      return source;
    };
    try {
      yield* work({ sampleRate, signal: abortWith(leaving, callSignal), serve });
    } finally {
      leaving.abort();
      sources.forEach((source) => channel.sources.remove(source));
    }
  }

  const run = async (audio: unknown, options: PageCallOptions = {}): Promise<unknown> => {
    const { signal: callSignal, others } = checked(options);
    callSignal?.throwIfAborted();
    async function* answer(scope: CallScope) {
      const { audio: sent, transfer } = packAudio(audio, scope);
      yield channel.call({ type: 'run', audio: sent, options: others }, { signal: scope.signal, transfer });
    }
    return turns.call(async () => {
      let result: unknown;
      for await (const value of scoped(callSignal, answer)) result = value;
      return receiveResult(result, isList(audio));
    }, callSignal);
  };

  /** The parts of a loop of the caller. */
  async function* loop(
    callSignal: AbortSignal | undefined,
    requestOf: (scope: CallScope) => {
      readonly request: RequestBody;
      readonly transfer?: ArrayBuffer[];
    },
  ): AsyncGenerator<unknown, void, undefined> {
    const endTurn = await turns.holdLoop(callSignal);
    try {
      yield* scoped(callSignal, (scope) => {
        const { request, transfer = [] } = requestOf(scope);
        return partsOf((onPart) => channel.call(request, { signal: scope.signal, transfer, onPart }));
      });
    } finally {
      endTurn();
    }
  }

  async function* parts(
    method: 'stream' | 'emissions',
    audio: unknown,
    options: PageCallOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    const { signal, others } = checked(options);
    yield* loop(signal, (scope) => {
      const { audio: sent, transfer } = packClip(audio, scope);
      return { request: { type: 'parts', method, audio: sent, options: others }, transfer };
    });
  }

  async function* each(
    clips: unknown,
    { progress_callback: onProgress, ...options }: PageEachOptions,
  ): AsyncGenerator<unknown, void, undefined> {
    checkCallback('progress_callback', onProgress);
    checkBoolean('ordered', options.ordered);
    const { signal, others } = checked(options);
    const list = checkClips(clips);
    const found = loop(signal, (scope) => ({
      request: {
        type: 'each',
        clips: scope.serve({ open: () => packedClips(list, scope) }),
        count: isList(clips) ? clips.length : undefined,
        options: others,
      },
    }));
    for await (const part of found as AsyncIterable<EachPart>) {
      if ('progress' in part) onProgress?.(part.progress);
      else yield part.error === undefined ? part : { ...part, error: unpackError(part.error) };
    }
  }

  return {
    run,
    stream: (audio, options = {}) => parts('stream', audio, options),
    emissions: (audio, options = {}) => parts('emissions', audio, options),
    each: (clips, options = {}) => each(clips, options),
    emissionInfo: () => turns.call(() => channel.call({ type: 'emission-info' }, {})),
    async set_target_lang(language, options = {}) {
      rejectUnknownOptions(options, ['signal'], 'set_target_lang');
      checkSignal(options.signal);
      await turns.change(
        () => channel.call({ type: 'language', language }, options),
        options.signal,
        'set_target_lang',
      );
    },
  };
}

function checked(options: PageCallOptions) {
  checkObject('The options of a call', options);
  const { signal, ...others } = options;
  checkSignal(signal);
  return { signal, others };
}

/** Each clip when the worker wants it: how many there are takes no memory. */
async function* packedClips(
  clips: Iterable<unknown> | AsyncIterable<unknown>,
  scope: CallScope,
): AsyncGenerator<ServedItem, void, undefined> {
  for await (const clip of clips) {
    const { audio, transfer } = packClip(clip, scope);
    yield { value: audio, transfer };
  }
}
