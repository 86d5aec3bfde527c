/** The calls of a pipeline that a worker runs: what the page does for each, and what it sends. */
import { isDuration } from '../audio/duration.ts';
import { joinedSignal } from '../base/abortable.ts';
import { isRecord } from '../base/checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { checkObject, checkSignal } from '../base/option-checks.ts';
import { SharedTurns } from '../base/turns.ts';
import type { CallOptions } from '../pipelines/call-options.ts';
import type { Channel } from './channel.ts';
import { packAudio } from './pack-audio.ts';
import { partsOf } from '../base/parts.ts';
import { receiveResult } from './results.ts';

/** The options of a call that the page reads. The worker checks the others. */
export type PageCallOptions = Pick<CallOptions, 'max_duration_s' | 'signal'>;

/** The calls. Only workers of speech recognition have all of them. */
interface WorkerCalls {
  readonly run: (audio: unknown, options?: PageCallOptions) => Promise<unknown>;
  readonly stream: (audio: unknown, options?: PageCallOptions) => AsyncGenerator;
  readonly emissions: (audio: unknown, options?: PageCallOptions) => AsyncGenerator;
  readonly emissionInfo: () => Promise<unknown>;
  readonly set_target_lang: (language: unknown, options?: { readonly signal?: AbortSignal }) => Promise<void>;
}

/**
 * @param sampleRate the model's, in Hz.
 * @param warn is told of damaged files.
 */
export function callsOf(channel: Channel, sampleRate: number, warn: (message: string) => void): WorkerCalls {
  // A file is decoded before its call reaches the worker, so turns are kept here as well.
  const turns = new SharedTurns();

  const checked = (options: PageCallOptions) => {
    checkObject('The options of a call', options);
    const { signal, ...others } = options;
    checkSignal(signal);
    // The worker refuses wrong values.
    const maxSeconds = isDuration(others.max_duration_s) ? others.max_duration_s : undefined;
    return { signal, others, maxSeconds };
  };

  const run = async (audio: unknown, options: PageCallOptions = {}): Promise<unknown> => {
    const { signal, others, maxSeconds } = checked(options);
    signal?.throwIfAborted();
    return turns.call(async () => {
      const packed = await packAudio(audio, { sampleRate, maxSeconds, signal });
      packed.warnings.flat().forEach(warn);
      const result = await channel.call(
        { type: 'run', audio: packed.audio, options: others },
        { signal, transfer: packed.transfer },
      );
      return receiveResult(result, Array.isArray(audio), packed.warnings);
    }, signal);
  };

  async function* parts(
    method: 'stream' | 'emissions',
    audio: unknown,
    options: PageCallOptions,
  ): AsyncGenerator {
    const { signal: callSignal, others, maxSeconds } = checked(options);
    const leaving = new AbortController();
    const signal = joinedSignal(callSignal, leaving.signal);
    const endTurn = await turns.hold(callSignal);
    try {
      const packed = await packAudio(audio, { sampleRate, maxSeconds, signal });
      const warnings = packed.warnings.flat();
      warnings.forEach(warn);
      const request = { type: 'parts', method, audio: packed.audio, options: others } as const;
      let isFirst = true;
      for await (const part of partsOf((onPart) =>
        channel.call(request, { signal, transfer: packed.transfer, onPart }),
      )) {
        yield isFirst && warnings.length > 0 && isRecord(part) ? { ...part, warnings } : part;
        isFirst = false;
      }
    } finally {
      leaving.abort();
      endTurn();
    }
  }

  return {
    run,
    stream: (audio, options = {}) => parts('stream', audio, options),
    emissions: (audio, options = {}) => parts('emissions', audio, options),
    emissionInfo: () => turns.call(() => channel.call({ type: 'emission-info' }, {})),
    async set_target_lang(language, options = {}) {
      rejectUnknownOptions(options, ['signal'], 'set_target_lang');
      checkSignal(options.signal);
      await turns.change(() => channel.call({ type: 'language', language }, options), options.signal);
    },
  };
}
