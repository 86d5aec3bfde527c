/** Long audio files, made by looping the demo clips and kept in `.cache/audio`. `ffmpeg` encodes what is no WAV. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { joinSamples } from '../../src/audio/channels.ts';
import { resample } from '../../src/audio/resample.ts';
import { parseWav } from '../../src/audio/parse-wav.ts';

export const LOOPED_FORMATS = ['wav', 'flac', 'mp3', 'opus', 'ogg'] as const;
export type LoopedFormat = (typeof LOOPED_FORMATS)[number];

const FOLDER = path.resolve('.cache/audio');
const CLIPS = path.resolve('examples/audio');
const RATE = 44_100;
/** Of the sound that an MP3 of hours repeats. */
const MP3_LOOP_SECONDS = 60;
/** The bytes of a frame of 128 kbit/s at 44.1 kHz differ by one, and no frame refers to another. */
const MP3_ENCODING = [
  '-c:a',
  'libmp3lame',
  '-b:a',
  '128k',
  '-reservoir',
  '0',
  '-write_xing',
  '0',
  '-id3v2_version',
  '0',
];

const ENCODINGS: Readonly<Record<Exclude<LoopedFormat, 'wav'>, readonly string[]>> = {
  flac: ['-c:a', 'flac'],
  mp3: ['-c:a', 'libmp3lame', '-b:a', '128k'],
  opus: ['-c:a', 'libopus', '-b:a', '64k'],
  ogg: ['-c:a', 'libvorbis', '-q:a', '4'],
};

/** Whether `ffmpeg` is on the path. */
export const hasFfmpeg = (): boolean => spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0;

/** A file of two channels, at 44.1 kHz (Opus: 48 kHz). @throws Error if ffmpeg is missing or fails. */
export function loopedFile(format: LoopedFormat, seconds: number): string {
  return made(`${seconds}s.${format}`, (file) => {
    if (format === 'wav') writeWav(file, stereoLoop(), RATE, seconds * RATE);
    else encode(loopedFile('wav', seconds), ENCODINGS[format], file);
  });
}

/** An MP3 of two channels at 44.1 kHz and 128 kbit/s: the frames of a minute, again and again. @throws Error as above. */
export function hoursOfMp3(hours: number): { readonly file: string; readonly seconds: number } {
  const repeats = Math.ceil((hours * 3600) / MP3_LOOP_SECONDS);
  const file = made(`${repeats}min.mp3`, (target) => {
    const minute = made('minute.mp3', (piece) =>
      encode(loopedFile('wav', MP3_LOOP_SECONDS), MP3_ENCODING, piece),
    );
    const bytes = readFileSync(minute);
    withFile(target, (fd) => {
      for (let repeat = 0; repeat < repeats; repeat += 1) writeSync(fd, bytes);
    });
  });
  return { file, seconds: repeats * MP3_LOOP_SECONDS };
}

/** A WAV of one channel at 16 kHz: the demo clips again and again. */
export function hoursOfWav(hours: number): string {
  const sampleCount = Math.round(hours * 3600 * 16_000);
  return made(`${sampleCount}-samples.wav`, (file) => writeWav(file, [demoSamples()], 16_000, sampleCount));
}

/** Files of one channel at 16 kHz, each another part of the demo clips. */
export function shortFiles(fileCount: number, seconds: number): readonly string[] {
  const samples = demoSamples();
  const sampleCount = Math.round(seconds * 16_000);
  return Array.from({ length: fileCount }, (_, index) =>
    made(`${seconds}s-${index}.wav`, (file) => {
      const start = (index * 7919) % samples.length;
      const looped = Float32Array.from(
        { length: sampleCount },
        (_none, at) => samples[(start + at) % samples.length] ?? 0,
      );
      writeWav(file, [looped], 16_000, sampleCount);
    }),
  );
}

/** Makes a file under a name of its own first, so that what is there is whole. */
function made(name: string, make: (file: string) => void): string {
  const file = path.join(FOLDER, name);
  if (existsSync(file)) return file;
  mkdirSync(FOLDER, { recursive: true });
  const part = path.join(FOLDER, `part-${process.pid}-${name}`);
  make(part);
  renameSync(part, file);
  return file;
}

function encode(source: string, encoding: readonly string[], file: string): void {
  const { status, error, stderr } = spawnSync(
    'ffmpeg',
    ['-nostdin', '-v', 'error', '-y', '-i', source, '-map_metadata', '-1', ...encoding, file],
    { encoding: 'utf8' },
  );
  if (status !== 0)
    throw new Error(`ffmpeg made no ${path.basename(file)}: ${error?.message ?? stderr.trim()}`);
}

/** All demo clips that are WAV files, one after another: about half a minute, one channel at 16 kHz. */
function demoSamples(): Float32Array {
  const names = readFileSync(path.join(CLIPS, 'MANIFEST.tsv'), 'utf8').match(/^\S+\.wav/gm) ?? [];
  return joinSamples(
    names.map((name) => {
      const { channels, sampleRate } = parseWav(readFileSync(path.join(CLIPS, name)));
      return resample(channels[0] ?? new Float32Array(0), sampleRate, 16_000);
    }),
  );
}

/** The second channel comes a little later and is quieter, as from a pair of microphones. */
function stereoLoop(): readonly Float32Array[] {
  const left = resample(demoSamples(), 16_000, RATE);
  const right = left.map((_, index) => 0.8 * (left[(index + left.length - 20) % left.length] ?? 0));
  return [left, right];
}

/** Writes 16 bits a sample, and begins again where the channels end. */
function writeWav(file: string, channels: readonly Float32Array[], rate: number, frameCount: number): void {
  const [{ length } = []] = channels as readonly ArrayLike<number>[];
  const frameBytes = 2 * channels.length;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + frameCount * frameBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels.length, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * frameBytes, 28);
  header.writeUInt16LE(frameBytes, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(frameCount * frameBytes, 40);
  const loop = new Int16Array(channels.length * length);
  for (const [channel, samples] of channels.entries()) {
    for (let frame = 0; frame < length; frame += 1)
      loop[frame * channels.length + channel] = Math.round(
        32_767 * Math.max(-1, Math.min(1, samples[frame] ?? 0)),
      );
  }
  withFile(file, (fd) => {
    writeSync(fd, header);
    for (let written = 0; written < frameCount; written += length)
      writeSync(fd, loop.subarray(0, channels.length * Math.min(length, frameCount - written)));
  });
}

function withFile(file: string, write: (fd: number) => void): void {
  const fd = openSync(file, 'w');
  try {
    write(fd);
  } finally {
    closeSync(fd);
  }
}
