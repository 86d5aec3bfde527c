/** Decodes formats in Node that the engine itself cannot decode, by the machine's `ffmpeg` if it is installed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RewindableBytes } from '../audio/byte-stream.ts';
import { openWav } from '../audio/wav.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioDecodeOptions } from '../base/platform.ts';
import type { SoundBlock, SoundStream } from '../base/sound-stream.ts';
import { FfmpegProcess } from './ffmpeg-process.ts';

export interface FfmpegOptions extends AudioDecodeOptions {
  /** The format as `describeFormat` names it, or `WAV`, `AIFF`, `Ogg`. */
  readonly formatName: string;
  /** ffmpeg is ended if it neither reads nor writes anything for so long, while there is something to read. Default: a minute. */
  readonly timeoutMs?: number | undefined;
}

/**
 * ffmpeg's readers by format name. Other readers are not allowed: some, such as those for playlists, would read other files of this machine.
 */
const READERS: Readonly<Record<string, string>> = {
  'MP4 or M4A': 'mov,mp4,m4a,3gp,3g2,mj2',
  'WebM or Matroska': 'matroska,webm',
  'ASF or WMA': 'asf',
  AMR: 'amr,amrnb,amrwb',
  CAF: 'caf',
  AU: 'au',
  Wave64: 'w64',
  AVI: 'avi',
  FLV: 'flv',
  WavPack: 'wv',
  'NIST SPHERE': 'nistsphere',
  VOC: 'voc',
  "Monkey's Audio": 'ape',
  'AAC (ADTS)': 'aac',
  'big-endian WAV': 'wav',
  WAV: 'wav',
  AIFF: 'aiff',
  Ogg: 'ogg',
};
/** The index of these files may follow the sound, and a pipe cannot seek back. */
const NEEDS_SEEKING = new Set(['MP4 or M4A']);
const DEFAULT_TIMEOUT_MS = 60_000;

/** A stream of something that happens now would fill the disk. */
const MAX_TEMPORARY_BYTES = 2 ** 32;

/** Whether `streamWithFfmpeg` knows the format. */
export const isForFfmpeg = (formatName: string): boolean => Object.hasOwn(READERS, formatName);

/** The file that is decoded. */
export interface FfmpegInput {
  readonly input: RewindableBytes;
  /** Where it is on this machine. */
  readonly path?: string | undefined;
}

/**
 * Decodes the first audio stream of a file, at its own rate and with its own channels, while ffmpeg gives it. Errors that ffmpeg reports but
 * survives become warnings.
 *
 * Iterating throws UniSpeechError `unsupported` without ffmpeg on the PATH, `bad-audio` if ffmpeg cannot decode the file; the signal's reason.
 *
 * @param name shown in errors.
 */
export function streamWithFfmpeg(file: FfmpegInput, name: string, options: FfmpegOptions): SoundStream {
  const warnings: string[] = [];
  return {
    declaredSeconds: undefined,
    warnings,
    [Symbol.asyncIterator]: () => decode(file, name, options, warnings),
  };
}

/**
 * ffmpeg reads a file on this machine itself. Other bytes go through a pipe, or into a temporary file where ffmpeg must seek. What fails on
 * the pipe without a sound is tried in a file, too, if it has an end.
 */
async function* decode(
  { input, path: given }: FfmpegInput,
  name: string,
  options: FfmpegOptions,
  warnings: string[],
): AsyncGenerator<SoundBlock, void, undefined> {
  const { formatName, signal } = options;
  signal?.throwIfAborted();
  if (given !== undefined) {
    // A path alone could look like an option or a URL.
    yield* run({ location: `file:${path.resolve(given)}` }, name, options, warnings);
    return;
  }
  if (!NEEDS_SEEKING.has(formatName)) {
    try {
      yield* run({ location: 'pipe:0', input }, name, options, warnings);
      return;
    } catch (error) {
      if (!(error instanceof UniSpeechError) || error.code !== 'bad-audio') throw error;
      if (!input.canRewind || !input.isFinite) throw error;
    }
  }
  // Only this user may enter the folder.
  const folder = await mkdtemp(path.join(tmpdir(), 'unispeech-'));
  try {
    const file = path.join(folder, 'audio');
    await writeFile(file, limited(input.all(), name), { signal });
    yield* run({ location: `file:${file}` }, name, options, warnings);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* limited(
  blocks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let byteLength = 0;
  for await (const block of blocks) {
    byteLength += block.length;
    if (byteLength > MAX_TEMPORARY_BYTES) {
      throw new UniSpeechError(
        'bad-audio',
        `${name} has more than ${MAX_TEMPORARY_BYTES} bytes, the most that are written to a temporary file for ffmpeg.`,
        'Save it, and give its path.',
      );
    }
    yield block;
  }
}

/** @param source where ffmpeg reads, and what is written to its standard input. */
async function* run(
  { location, input }: { readonly location: string; readonly input?: RewindableBytes },
  name: string,
  options: FfmpegOptions,
  warnings: string[],
): AsyncGenerator<SoundBlock, void, undefined> {
  const { formatName, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const ffmpeg = new FfmpegProcess(argumentsOf(location, options), input, { signal, timeoutMs });
  const reader = openWav(name);
  try {
    for (;;) {
      const part = await ffmpeg.read();
      if (!part) break;
      reader.push(part);
      for (const block of reader.take()) {
        input?.forget();
        yield block;
      }
    }
    const { cause, failure, complaint } = await ffmpeg.end();
    signal?.throwIfAborted();
    if (cause) throw notStarted(name, formatName, cause);
    if (failure !== undefined || !ffmpeg.hasOutput) {
      throw new UniSpeechError(
        'bad-audio',
        `${name} looks like ${formatName} and cannot be decoded by ffmpeg: ${failure ?? (complaint || 'it gave no sound')}.`,
      );
    }
    reader.finish();
    yield* reader.take();
    if (complaint !== '') warnings.push(`ffmpeg found damage after it had begun: ${complaint}`);
  } finally {
    await ffmpeg.stop();
  }
}

function argumentsOf(location: string, { formatName, maxSeconds, mono }: FfmpegOptions): readonly string[] {
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', READERS[formatName] ?? 'none'],
    ...['-i', location, '-map', '0:a:0', '-vn', '-sn', '-dn'],
    // One second more than allowed is enough to see that the file is too long.
    ...(maxSeconds === undefined || maxSeconds === Infinity ? [] : ['-t', String(maxSeconds + 1)]),
    // Two channels are averaged, as everywhere. More channels are mixed by ffmpeg itself, as in transformers' `ffmpeg_read`.
    ...(mono === true ? ['-ac', '1'] : []),
    // The header of a WAV file tells the rate and the channels.
    ...['-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
  ];
}

function notStarted(name: string, formatName: string, cause: NodeJS.ErrnoException): UniSpeechError {
  const isMissing = cause.code === 'ENOENT';
  const reason = isMissing ? 'there is none on the PATH' : `it does not start: ${cause.message}`;
  return new UniSpeechError(
    'unsupported',
    `${name} looks like ${formatName}, which takes ffmpeg to decode, and ${reason}.`,
    isMissing
      ? 'Install ffmpeg, or convert the file to WAV or FLAC.'
      : 'Try again with fewer files at once, or convert the file to WAV or FLAC.',
    { cause },
  );
}
