/** Opens the microphone: permission, an audio context, and the worklet that hands its samples over. */
import { abortable } from '../base/abortable.ts';
import { isError, messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { ChunkQueue } from './chunk-queue.ts';
import { SAMPLE_RATE } from './hypothesis.ts';

export interface MicrophoneOptions {
  /** The caller's own stream instead of a microphone. Its tracks are not stopped. */
  readonly stream?: MediaStream | undefined;
  /** From `navigator.mediaDevices.enumerateDevices()`. Default: the device that the user or the browser picks. */
  readonly deviceId?: string | undefined;
  /**
   * Address of `microphone-worklet.js`. Default: beside this module. Vite and webpack put it there; with esbuild, copy it.
   */
  readonly workletUrl?: string | URL | undefined;
  /** How much sound may wait for recognition, in seconds. Older sound is dropped. Default 30. */
  readonly max_behind_s?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Microphone {
  readonly chunks: ChunkQueue;
  /** Sample rate of the chunks, in Hz. */
  readonly sampleRate: number;
  /** Releases the microphone, the audio context and the worklet. */
  close(): Promise<void>;
}

/** How long to wait for audio to start. Without a user gesture, browsers let a page wait silently. */
const START_TIMEOUT_MILLISECONDS = 5000;

/**
 * @throws UniSpeechError `no-microphone` with the reason; `not-found` for the worklet; the signal's reason. Nothing stays
 * open.
 */
export async function openMicrophone(options: MicrophoneOptions): Promise<Microphone> {
  const { stream: given, signal, max_behind_s: maxBehindSeconds = 30 } = options;
  signal?.throwIfAborted();
  const stream = given ?? (await requestStream(options.deviceId, signal));
  const stopTracks = () => {
    if (!given) stopAll(stream);
  };
  try {
    const track = stream.getAudioTracks().find(({ readyState }) => readyState === 'live');
    if (!track) {
      throw new UniSpeechError(
        'no-microphone',
        'The stream has no audio track that is live.',
        'Give a stream that has one, or none for the microphone.',
      );
    }
    const { context, node, source } = await connect(stream, options.workletUrl, signal);
    const chunks = new ChunkQueue(context.sampleRate, maxBehindSeconds);
    const end = () => chunks.end();
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      chunks.push(data);
      // There is no event when the page itself stops a track.
      if (track.readyState === 'ended') end();
    };
    node.onprocessorerror = () =>
      chunks.fail(new UniSpeechError('no-microphone', 'The audio worklet of the microphone failed.'));
    track.addEventListener('ended', end);
    return {
      chunks,
      sampleRate: context.sampleRate,
      async close() {
        track.removeEventListener('ended', end);
        node.port.onmessage = null;
        node.port.close();
        source.disconnect();
        node.disconnect();
        stopTracks();
        await context.close();
      },
    };
  } catch (error) {
    stopTracks();
    throw error;
  }
}

const stopAll = (stream: MediaStream): void => stream.getTracks().forEach((track) => track.stop());

/** The parts that may be missing: Node has none, and workers and insecure pages have no devices. */
interface Surroundings {
  readonly navigator?: { readonly mediaDevices?: MediaDevices };
  readonly isSecureContext?: boolean;
}

async function requestStream(
  deviceId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<MediaStream> {
  const { navigator, isSecureContext } = globalThis as Surroundings;
  const mediaDevices = navigator?.mediaDevices;
  if (!mediaDevices) {
    throw isSecureContext === false
      ? new UniSpeechError(
          'no-microphone',
          'This page may not use the microphone, as it did not come over a secure connection.',
          'Serve it over HTTPS, or from localhost.',
        )
      : new UniSpeechError(
          'no-microphone',
          'No microphone is available here.',
          'Call transcribeMicrophone() on a page of a browser; elsewhere use transcribeStream().',
        );
  }
  const asking = mediaDevices.getUserMedia({
    audio: deviceId === undefined ? true : { deviceId: { exact: deviceId } },
  });
  try {
    return await abortable(asking, signal);
  } catch (cause) {
    // If the user allows it later, the microphone must not stay open.
    asking.then(stopAll, () => undefined);
    signal?.throwIfAborted();
    throw explain(cause);
  }
}

function explain(cause: unknown): UniSpeechError {
  const name = isError(cause) ? cause.name : '';
  const [sentence, fix] = REASONS[name] ?? [
    `The microphone could not be opened: ${messageOf(cause)}.`,
    undefined,
  ];
  return new UniSpeechError('no-microphone', sentence, fix, { cause });
}

/** Sentence and fix by the name of the exception of `getUserMedia`. */
const REASONS: Readonly<Record<string, readonly [sentence: string, fix: string]>> = {
  NotAllowedError: [
    'The microphone was not allowed.',
    'Allow it in the settings of this site; a page in a frame needs allow="microphone".',
  ],
  NotFoundError: ['There is no microphone.', 'Connect one, and try again.'],
  OverconstrainedError: [
    'There is no microphone with this deviceId.',
    'List those there are with enumerateDevices().',
  ],
  NotReadableError: ['The microphone is in use by something else.', 'Close what uses it, and try again.'],
};

interface AudioGraph {
  readonly context: AudioContext;
  readonly source: MediaStreamAudioSourceNode;
  readonly node: AudioWorkletNode;
}

/** Opens an audio context at the model's rate if the browser can resample a microphone, else at the microphone's rate. */
async function connect(
  stream: MediaStream,
  workletUrl: string | URL | undefined,
  signal: AbortSignal | undefined,
): Promise<AudioGraph> {
  try {
    return await connectAt({ sampleRate: SAMPLE_RATE }, stream, workletUrl, signal);
  } catch (error) {
    if (!(isError(error) && error.name === 'NotSupportedError')) throw error;
    return connectAt({}, stream, workletUrl, signal);
  }
}

async function connectAt(
  options: AudioContextOptions,
  stream: MediaStream,
  workletUrl: string | URL | undefined,
  signal: AbortSignal | undefined,
): Promise<AudioGraph> {
  const context = new AudioContext(options);
  try {
    const source = context.createMediaStreamSource(stream);
    await abortable(addWorklet(context.audioWorklet, workletUrl), signal);
    const node = new AudioWorkletNode(context, 'unispeech-microphone', {
      channelCount: 1,
      channelCountMode: 'explicit',
    });
    // The worklet's output is silence, but some browsers do not run it without a connection to the speakers.
    source.connect(node).connect(context.destination);
    await abortable(start(context), signal);
    return { context, source, node };
  } catch (error) {
    await context.close();
    throw error;
  }
}

/** Bundlers find and serve the worklet only if its URL is written in this form. */
async function addWorklet(worklet: AudioWorklet, workletUrl: string | URL | undefined): Promise<void> {
  const url = workletUrl ?? new URL('./microphone-worklet.js', import.meta.url);
  try {
    await worklet.addModule(url);
  } catch (cause) {
    throw new UniSpeechError(
      'not-found',
      `The audio worklet could not be loaded from ${String(url)}.`,
      'Serve microphone-worklet.js of this package beside microphone.js, or pass { workletUrl }; the ' +
        "page's Content-Security-Policy must allow it (script-src 'self').",
      { cause },
    );
  }
}

async function start(context: AudioContext): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new UniSpeechError(
            'no-microphone',
            'The browser does not start audio before the user has done something on the page.',
            'Start from a click.',
          ),
        ),
      START_TIMEOUT_MILLISECONDS,
    );
  });
  try {
    await Promise.race([context.resume(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
