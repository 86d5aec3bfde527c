import { describe, expect, test } from 'vitest';
import { ByteWindow } from '../../src/audio/byte-window.ts';
import { describeFirstBytes, sniffAudioFormat } from '../../src/audio/container.ts';
import { readFrameHeader } from '../../src/audio/mpeg-frame.ts';
import { Gap, skipId3 } from '../../src/audio/tags.ts';

/** The same, whether the gap comes whole or byte by byte. */
function untaggedByteLength(bytes: Uint8Array): number {
  const whole = new ByteWindow();
  whole.append(bytes);
  const expected = new Gap(0).finish(whole, bytes.length);
  const window = new ByteWindow();
  const gap = new Gap(0);
  bytes.forEach((byte, index) => {
    window.append(Uint8Array.of(byte));
    gap.advance(window, index + 1);
    window.discardTo(gap.keptFrom(index + 1));
  });
  expect(gap.finish(window, bytes.length)).toBe(expected);
  return expected;
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const mp3Frame = (second: number) => {
  const { byteLength } = readFrameHeader(Uint8Array.of(0xff, second, 0x90, 0), 0) ?? { byteLength: 0 };
  return join(Uint8Array.of(0xff, second, 0x90), new Uint8Array(byteLength - 3));
};
const mp3Frames = (count: number) => join(...Array.from({ length: count }, () => mp3Frame(0xfb)));
const id3 = (flags: number, body: number, footer = 0) =>
  join(
    ascii('ID3'),
    Uint8Array.of(4, 0, flags, 0, 0, body >> 7, body & 127),
    new Uint8Array(body + footer).fill(0xff),
  );
const oggPage = (firstPacket: string) =>
  join(ascii('OggS'), new Uint8Array(22), Uint8Array.of(1, firstPacket.length), ascii(firstPacket));

describe('sniffAudioFormat', () => {
  test.each<[string, Uint8Array, string | undefined]>([
    ['WAV', ascii('RIFF....WAVEfmt '), 'wav'],
    ['another RIFF file', ascii('RIFF....AVI LIST'), undefined],
    ['FLAC', ascii('fLaC....'), 'flac'],
    ['a RIFF file of 12 bytes', ascii('RIFF....WAVE'), 'wav'],
    ['RF64', ascii('RF64....WAVEds64'), 'wav'],
    ['BW64', ascii('BW64....WAVEds64'), 'wav'],
    ['MP3 frames in a WAV file', join(ascii('RIFF....WAVEfmt ....'), Uint8Array.of(0x55, 0)), 'mpeg'],
    ['AIFF', ascii('FORM....AIFFCOMM'), 'aiff'],
    ['AIFF-C', ascii('FORM....AIFCFVER'), 'aiff'],
    ['another IFF file', ascii('FORM....8SVXVHDR'), undefined],
    ['Ogg', oggPage('OpusHead'), 'ogg'],
    ['a cut Ogg page', ascii('OggS'), 'ogg'],
    ['FLAC behind an ID3 tag', join(id3(0, 5), ascii('fLaC')), 'flac'],
    ['a frame of MPEG-1 layer 3', mp3Frame(0xfb), 'mpeg'],
    ['frames of MPEG-2.5 layer 3', join(mp3Frame(0xe3), mp3Frame(0xe3)), 'mpeg'],
    ['three frames in garbage', join(ascii('....'), mp3Frames(3), ascii('....')), 'mpeg'],
    ['two frames in garbage', join(ascii('....'), mp3Frames(2), ascii('....')), undefined],
    ['a header alone', join(mp3Frame(0xfb), new Uint8Array(5000)), undefined],
    ['frames behind an HTTP header', join(ascii('HTTP/1.1 200 OK\r\n'.repeat(30)), mp3Frames(3)), 'mpeg'],
    ['frames behind AAC', join(Uint8Array.of(0xff, 0xf1, 0x50, 0x80), mp3Frames(3)), undefined],
    ['samples that look like a sync', Uint8Array.of(0xff, 0xff, 0x50, 0xff, 0xff, 0xff, 0, 0), undefined],
    ['AAC in ADTS', Uint8Array.of(0xff, 0xf1, 0x50, 0x80), undefined],
    ['nothing', new Uint8Array(0), undefined],
    ['text', ascii('hello, world'), undefined],
  ])('%s', (_, bytes, format) => {
    expect(sniffAudioFormat(bytes)).toBe(format);
  });
});

describe('skipId3', () => {
  test('skips tags of any length, with and without footer', () => {
    const audio = ascii('fLaC');
    expect(skipId3(audio)).toEqual(audio);
    expect(skipId3(join(id3(0, 300), audio))).toEqual(audio);
    expect(skipId3(join(id3(0x10, 5, 10), id3(0, 0), audio))).toEqual(audio);
  });

  test('a tag longer than the file leaves nothing', () => {
    expect(skipId3(id3(0, 300).subarray(0, 50))).toHaveLength(0);
    expect(skipId3(ascii('ID3'))).toEqual(ascii('ID3'));
  });
});

test('tags behind and between frames are told from other bytes', () => {
  const ape = (flags: number, size: number) =>
    join(
      ascii('APETAGEX'),
      Uint8Array.of(0xd0, 7, 0, 0, size, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, flags),
      ascii('........'),
    );
  const id3v1 = join(ascii('TAG'), new Uint8Array(125));
  const items = new Uint8Array(40);
  const garbage = new Uint8Array(99).fill(7);
  expect(untaggedByteLength(new Uint8Array(0))).toBe(0);
  expect(untaggedByteLength(garbage)).toBe(99);
  expect(untaggedByteLength(join(id3(0, 300), id3v1, garbage))).toBe(99);
  expect(untaggedByteLength(join(ape(0xa0, 72), items, ape(0x80, 72), id3v1, garbage))).toBe(99);
  expect(untaggedByteLength(join(items, ape(0, 72), id3v1))).toBe(0);
  expect(untaggedByteLength(join(ascii('LYRICSBEGIN....000123LYRICS200'), id3v1))).toBe(0);
  expect(untaggedByteLength(id3(0, 300).subarray(0, 50))).toBe(0);
  expect(untaggedByteLength(ascii('APETAGEX'))).toBe(0);
});

describe('describeFirstBytes', () => {
  test.each<[string, Uint8Array]>([
    ['it is empty', new Uint8Array(0)],
    ['its 2 bytes start with 00 01', Uint8Array.of(0, 1)],
    ['it looks like text: its 5 bytes start with 68 65 6c 6c 6f', ascii('hello')],
    ['it looks like JSON: its 12 bytes start with 20 7b', ascii(' {"error":1}')],
    ['it looks like an HTML page: its 15 bytes start with 3c', ascii('<!doctype html>')],
    ['it looks like MP4 or M4A: its 12 bytes', ascii('\0\0\0\x20ftypM4A ')],
    ['it looks like WebM or Matroska: its 4 bytes', Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3)],
    ['it looks like ASF or WMA: ', Uint8Array.of(0x30, 0x26, 0xb2, 0x75, 0x8e)],
    ['it looks like AAC (ADTS): ', Uint8Array.of(0xff, 0xf1, 0x60, 0x40)],
    ['it looks like AAC (ADTS): ', join(id3(0, 4), Uint8Array.of(0xff, 0xf9, 0x60, 0x40))],
    ['it looks like AMR: ', ascii('#!AMR\n')],
    ['it looks like MIDI, notes without sound: ', ascii('MThd\0\0\0\x06')],
  ])('%s', (start, bytes) => {
    expect(describeFirstBytes(bytes).slice(0, start.length)).toBe(start);
  });
});
