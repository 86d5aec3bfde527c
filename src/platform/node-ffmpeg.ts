/** Decodes formats in Node that the engine itself cannot decode, by the machine's `ffmpeg` if it is installed. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkDuration } from '../audio/duration.ts';
import { parseWav } from '../audio/wav.ts';
import { joinBytes } from '../base/bytes.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { AudioClip } from '../base/files.ts';
import type { AudioDecodeOptions } from '../base/platform.ts';

export interface FfmpegOptions extends AudioDecodeOptions {
  /** The format as `describeFormat` names it, or `WAV`, `AIFF`, `Ogg`. */
  readonly formatName: string;
  /** Time after which ffmpeg is ended. Default: ten minutes. */
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
const MAX_ERROR_TEXT_LENGTH = 4096;
const MAX_ERROR_LINE_LENGTH = 200;
const MAX_OUTPUT_BYTES = 2 ** 31;
const DEFAULT_TIMEOUT_MS = 600_000;

/** Whether `decodeWithFfmpeg` knows the format. */
export const isForFfmpeg = (formatName: string): boolean => Object.hasOwn(READERS, formatName);

/**
 * Decodes the first audio stream of a file, at its own rate and with its own channels. Errors that ffmpeg reports but survives become
 * warnings of the clip.
 *
 * @param name shown in errors.
 * @throws UniSpeechError `unsupported` without ffmpeg on the PATH, `bad-audio` if ffmpeg cannot decode the file; the signal's reason.
 */
export async function decodeWithFfmpeg(
  bytes: Uint8Array,
  name: string,
  options: FfmpegOptions,
): Promise<AudioClip> {
  const { formatName, maxSeconds, signal } = options;
  signal?.throwIfAborted();
  const outcome = await runOnEither(bytes, name, options);
  const { output, complaint } = outcome;
  if (outcome.failure !== undefined || output.length === 0) {
    throw new UniSpeechError(
      'bad-audio',
      `${name} looks like ${formatName} and cannot be decoded by ffmpeg: ${outcome.failure ?? (complaint || 'it gave no sound')}.`,
    );
  }
  const clip = parseWav(output, name);
  const seconds = (clip.channels[0]?.length ?? 0) / clip.sampleRate;
  checkDuration(name, seconds, maxSeconds, { isAtLeast: true });
  return {
    ...clip,
    warnings: complaint === '' ? undefined : [`ffmpeg found damage after it had begun: ${complaint}`],
  };
}

interface FfmpegRun {
  readonly output: Uint8Array;
  /** The last error line that ffmpeg wrote. */
  readonly complaint: string;
  readonly failure: string | undefined;
}

/** Passes the file through a pipe. If that fails, writes it to a temporary file, in which ffmpeg can seek. */
async function runOnEither(bytes: Uint8Array, name: string, options: FfmpegOptions): Promise<FfmpegRun> {
  if (!NEEDS_SEEKING.has(options.formatName)) {
    const outcome = await run(bytes, 'pipe:0', name, options);
    if (outcome.failure === undefined) return outcome;
  }
  // Only this user may enter the folder.
  const folder = await mkdtemp(path.join(tmpdir(), 'unispeech-'));
  try {
    const file = path.join(folder, 'audio');
    await writeFile(file, bytes, { signal: options.signal });
    return await run(undefined, file, name, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param input bytes for ffmpeg's standard input; undefined if it reads a file. */
function run(
  input: Uint8Array | undefined,
  location: string,
  name: string,
  { formatName, maxSeconds, mono, signal, timeoutMs = DEFAULT_TIMEOUT_MS }: FfmpegOptions,
): Promise<FfmpegRun> {
  const args = [
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
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const parts: Uint8Array[] = [];
    let outputLength = 0;
    let errorText = '';
    let failure: string | undefined;
    const stop = (reason: string | undefined) => {
      failure ??= reason;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      stop(`it was not done after ${timeoutMs / 1000} s`);
    }, timeoutMs);
    const onAbort = () => {
      stop('stopped');
    };
    signal?.addEventListener('abort', onAbort);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    child.stdout.on('data', (part: Uint8Array) => {
      outputLength += part.length;
      if (outputLength > MAX_OUTPUT_BYTES) stop(`it gives more than ${MAX_OUTPUT_BYTES} bytes of samples`);
      else parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      errorText = (errorText + part.toString('latin1')).slice(-MAX_ERROR_TEXT_LENGTH);
    });
    // ffmpeg may end before it has read everything. It then reports the reason itself.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('error', (cause: NodeJS.ErrnoException) => {
      settle();
      reject(notStarted(name, formatName, cause));
    });
    child.on('close', (code) => {
      settle();
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const complaint = lastLine(errorText);
      if (code !== 0) failure ??= complaint || `it ended with ${code ?? child.signalCode ?? 'an error'}`;
      resolve({ output: joinBytes(parts), complaint, failure });
    });
  });
}

function notStarted(name: string, formatName: string, cause: NodeJS.ErrnoException): UniSpeechError {
  const reason = cause.code === 'ENOENT' ? 'there is none on the PATH' : cause.message;
  return new UniSpeechError(
    'unsupported',
    `${name} looks like ${formatName}, which takes ffmpeg to decode, and ${reason}.`,
    'Install ffmpeg, or convert the file to WAV or FLAC.',
    { cause },
  );
}

/** Removes ffmpeg's prefix: `[aac @ 0x55d5] `. */
const lastLine = (text: string): string =>
  (
    text
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? ''
  )
    .replace(/^\[[^\]]*\] */, '')
    .slice(0, MAX_ERROR_LINE_LENGTH);
