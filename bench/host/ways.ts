/** What `npm run bench -- host` times. The first way of a group is the one that the others stand beside; the second is its control. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { demuxWhole, type EncodedAudio } from '../../test/helpers/demux-whole.ts';
import { toMono } from '../../src/audio/downmix.ts';
import { FlacDemuxer } from '../../src/audio/flac.ts';
import { MpegDemuxer } from '../../src/audio/mpeg.ts';
import { OggDemuxer } from '../../src/audio/ogg.ts';
import { resample } from '../../src/audio/resample.ts';
import { parseWav } from '../../src/audio/parse-wav.ts';
import { openAudio } from '../../src/pipelines/open-audio.ts';
import { openPacketDecoder } from '../../src/platform/node-codecs.ts';
import { hasFfmpeg, loopedFile, type LoopedFormat } from '../lib/looped-audio.ts';
import type { TimedWay } from '../lib/rounds.ts';
import type { RowGroup } from './options.ts';

export interface HostWay extends TimedWay {
  /** How many times faster than sound it must be. */
  readonly bar?: number;
}

const FILE_BARS: Readonly<Record<LoopedFormat, number | undefined>> = {
  wav: 1000,
  flac: 400,
  mp3: 290,
  opus: 250,
  ogg: undefined,
};

const demuxOgg = (bytes: Uint8Array): EncodedAudio => demuxWhole(new OggDemuxer(), bytes);

const DEMUX: Readonly<Record<Exclude<LoopedFormat, 'wav'>, (bytes: Uint8Array) => EncodedAudio>> = {
  flac: (bytes) => demuxWhole(new FlacDemuxer(), bytes),
  mp3: (bytes) => demuxWhole(new MpegDemuxer(), bytes),
  opus: demuxOgg,
  ogg: demuxOgg,
};

/** @throws Error for a format that needs ffmpeg, if it is missing. */
export function waysOf(group: RowGroup, seconds: number): readonly HostWay[] {
  return group === 'samples' ? sampleWays(seconds) : fileWays(group, loopedFile(group, seconds), seconds);
}

function sampleWays(seconds: number): readonly HostWay[] {
  const left = noise(seconds * 44_100);
  const right = left.map((sample) => -sample / 2);
  const wide = noise(seconds * 48_000);
  const copy = { name: 'copy of one channel at 44.1 kHz', run: () => left.slice() };
  return [
    copy,
    { ...copy, name: 'control: the copy again' },
    {
      name: 'toMono, two channels at 44.1 kHz',
      run: () => toMono({ channels: [left, right], sampleRate: 44_100 }),
      bar: 5000,
    },
    { name: 'resample, 44.1 to 16 kHz', run: () => resample(left, 44_100, 16_000), bar: 2000 },
    { name: 'resample, 48 to 16 kHz', run: () => resample(wide, 48_000, 16_000) },
  ];
}

function fileWays(format: LoopedFormat, file: string, seconds: number): readonly HostWay[] {
  const bar = FILE_BARS[format];
  const run = (): Promise<void> => toMono16k(file, seconds);
  const bytes = readFileSync(file);
  return [
    { name: `${format} file to mono at 16 kHz`, run, ...(bar !== undefined && { bar }) },
    { name: 'control: the file again', run },
    {
      name: 'decoder alone',
      run: format === 'wav' ? () => parseWav(bytes) : decoderAlone(DEMUX[format](bytes)),
    },
    ...(hasFfmpeg() ? [{ name: 'ffmpeg -f f32le -ar 16000 -ac 1', run: () => runFfmpeg(file) }] : []),
  ];
}

async function toMono16k(file: string, seconds: number): Promise<void> {
  const { stream } = openAudio(file, { sampleRate: 16_000 });
  let sampleCount = 0;
  for await (const block of stream) sampleCount += block.length;
  // Encoders add a little silence at both ends.
  if (Math.abs(sampleCount / 16_000 - seconds) > 0.2)
    throw new Error(`${file} gave ${sampleCount / 16_000} s of sound, not ${seconds}`);
}

/** Packets in memory into samples, which are dropped. */
function decoderAlone({ stretches }: EncodedAudio): () => Promise<void> {
  return async () => {
    for (const stretch of stretches) {
      if (stretch.codec === 'silence') continue;
      const decoder = await openPacketDecoder(stretch);
      for (const packet of stretch.packets) await decoder.decode(packet);
      decoder.free();
    }
  };
}

/** A process of its own with one thread, whose output goes nowhere. */
function runFfmpeg(file: string): void {
  const input = ['-nostdin', '-v', 'error', '-threads', '1', '-i', file];
  const output = ['-f', 'f32le', '-ar', '16000', '-ac', '1', 'pipe:1'];
  const { status, error } = spawnSync('ffmpeg', [...input, ...output], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`ffmpeg could not read ${file}: ${error?.message ?? `code ${status}`}`);
}

function noise(length: number): Float32Array {
  const samples = new Float32Array(Math.round(length));
  for (let index = 0; index < samples.length; index += 1) samples[index] = Math.sin(index * index * 1e-5);
  return samples;
}
