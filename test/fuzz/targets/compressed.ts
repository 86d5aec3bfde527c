/** Compressed audio: FLAC, MP3, and what there is in Ogg. */
import { repairOggChecksums } from '../ogg-checksums.ts';
import {
  type AudioSeed,
  audioTarget,
  type AudioTargetOptions,
  keepsBytes,
  keepsEnd,
} from './audio-target.ts';
import { readSeed } from './read-seed.ts';

const seed = (file: string, soundStart: number): AudioSeed => ({
  name: file,
  bytes: readSeed(`test/fuzz/seeds/${file}`),
  soundStart,
});

/** `fLaC`, and the STREAMINFO block with its head. */
const STREAMINFO_END = 42;

/** STREAMINFO says how many samples there are, and every frame has two checksums: no loss and no change goes unnoticed. */
export const flac = audioTarget({
  name: 'flac',
  about: 'FLAC',
  extension: 'flac',
  seeds: () => [seed('short.flac', STREAMINFO_END)],
  tokens: ['fLaC', 'ID3\x04\0\0\0\0\0\x0a', 'TAG', 'APETAGEX', '\r\n', '\xff\xf8'],
  mustKeep: (edits, { soundStart }) => edits.every(({ offset }) => offset >= soundStart),
  mustEqual: (edits, { soundStart }) => edits.every(({ offset }) => offset >= soundStart),
});

/** Behind the Info frame, which also tells how many others there are. */
const MP3_SOUND_START = 200;

/** Frames have no checksum, and nothing says how many there are: damage that leaves bytes out is not always known. */
export const mp3 = audioTarget({
  name: 'mp3',
  about: 'MP3 with an Info tag',
  extension: 'mp3',
  seeds: () => [seed('short.mp3', MP3_SOUND_START)],
  tokens: [
    'ID3\x04\0\0\0\0\0\x0a',
    'TAG',
    'APETAGEX',
    'Xing',
    'Info',
    'LAME',
    '\xff\xf3',
    '\xff\xfb',
    'HTTP/1.1',
  ],
  mustKeep: (edits, { soundStart }) => edits.every((edit) => keepsBytes(edit) && edit.offset >= soundStart),
});

/** Half of the mutants have right checksums again; in the others every change is covered by one. */
const inOgg = (
  name: string,
  file: string,
  {
    soundStart,
    token,
    codec,
  }: { readonly soundStart: number; readonly token: string; readonly codec: string },
): AudioTargetOptions => ({
  name,
  about: `${codec} in Ogg, half with repaired checksums`,
  extension: 'ogg',
  seeds: () => [seed(file, soundStart)],
  tokens: ['OggS', token, 'OggS\0\x02', 'OggS\0\x04', 'fishead\0'],
  mustKeep: (edits) => edits.every(keepsEnd),
  mustEqual: (edits) => edits.every(keepsEnd),
  repair: repairOggChecksums,
});

export const opus = audioTarget(
  inOgg('opus', 'short.opus', { soundStart: 121, token: 'OpusHead', codec: 'Opus' }),
);
export const vorbis = audioTarget(
  inOgg('vorbis', 'short.ogg', { soundStart: 2620, token: '\x01vorbis', codec: 'Vorbis' }),
);
export const oggFlac = audioTarget(
  inOgg('ogg-flac', 'short.oga', { soundStart: 146, token: '\x7fFLAC', codec: 'FLAC' }),
);
