import { describe, expect, test } from 'vitest';
import { joinParts } from '../helpers/demux-whole.ts';
import type { StreamFormat } from '../../src/audio/encoded-audio.ts';
import { sampleCountOf } from '../../src/audio/encoded-audio.ts';
import { StretchBuilder } from '../../src/audio/stretch-builder.ts';
import { joinBytes } from '../../src/base/bytes.ts';

const formatOf = (channelCount: number): StreamFormat => ({
  codec: 'mp3',
  sampleRate: 16_000,
  channelCount,
  toFile: (packets) => joinBytes(packets),
});
const MONO = formatOf(1);
const STEREO = formatOf(2);

/** Adds packets of 10 samples each, which hold their number. */
function addTo(builder: StretchBuilder, format: StreamFormat, from: number, to: number): void {
  for (let number = from; number < to; number += 1) builder.add(Uint8Array.of(number), 10, format);
}

type Parts = ReturnType<StretchBuilder['take']>;
const outline = (parts: Parts) =>
  parts.map((part) =>
    part.codec === 'silence'
      ? `silence ${part.sampleCount}`
      : `${part.continues ? '+' : ''}${part.packets.map(([number]) => number).join(' ')} [${part.range.join(', ')}]`,
  );

describe('parts', () => {
  test('what is taken is not given again, and what follows continues it', () => {
    const builder = new StretchBuilder();
    expect(builder.isEmpty).toBe(true);
    addTo(builder, MONO, 0, 2);
    expect(outline(builder.take())).toEqual(['0 1 [0, 20]']);
    expect(builder.take()).toEqual([]);
    addTo(builder, MONO, 2, 3);
    addTo(builder, STEREO, 3, 4);
    builder.addSilence(7, 16_000);
    addTo(builder, STEREO, 4, 5);
    builder.split();
    addTo(builder, STEREO, 5, 6);
    expect(outline(builder.take())).toEqual([
      '+2 [0, 10]',
      '3 [0, 10]',
      'silence 7',
      '4 [0, 10]',
      '5 [0, 10]',
    ]);
    expect(builder.isEmpty).toBe(false);
  });

  test('another format may continue the stretch', () => {
    const builder = new StretchBuilder();
    addTo(builder, MONO, 0, 2);
    builder.add(Uint8Array.of(2), 10, STEREO, true);
    const parts = builder.take();
    expect(outline(parts)).toEqual(['0 1 [0, 20]', '+2 [0, 10]']);
    expect(joinParts(parts)).toMatchObject([{ channelCount: 2, range: [0, 30] }]);
  });

  test('held back packets stay, to the next packet border', () => {
    const builder = new StretchBuilder();
    addTo(builder, MONO, 0, 5);
    expect(outline(builder.take(11))).toEqual(['0 1 2 [0, 30]']);
    addTo(builder, MONO, 5, 6);
    expect(outline(builder.take(20))).toEqual(['+3 [0, 10]']);
    expect(builder.take(100)).toEqual([]);
    builder.addSilence(5, 16_000);
    addTo(builder, MONO, 6, 7);
    expect(outline(builder.take(20))).toEqual(['+4 [0, 10]']);
    expect(outline(builder.take())).toEqual(['+5 [0, 10]', 'silence 5', '6 [0, 10]']);
  });
});

describe('samples that do not belong to the sound', () => {
  /** Takes the parts after each packet, or all at once. */
  const cut = (startCount: number, endCount: number, heldCount: number): Parts => {
    const builder = new StretchBuilder();
    const parts: Parts = [];
    builder.skipNext(startCount);
    addTo(builder, MONO, 0, 1);
    for (let number = 1; number < 6; number += 1) {
      parts.push(...builder.take(heldCount));
      addTo(builder, MONO, number, number + 1);
    }
    builder.trimEnd(endCount);
    return [...parts, ...builder.take()];
  };

  test.each([
    [0, 0],
    [3, 4],
    [25, 0],
    [0, 25],
    [25, 25],
    [60, 0],
  ])('%i at the start and %i at the end, however the parts are taken', (startCount, endCount) => {
    for (const heldCount of [Math.max(endCount, 1), 30, 40, 1000]) {
      const parts = cut(startCount, endCount, heldCount);
      const [stretch, ...others] = joinParts(parts);
      expect(others).toEqual([]);
      expect(stretch).toMatchObject({ range: [startCount, 60 - endCount], sampleCounts: Array(6).fill(10) });
      if (stretch?.codec === 'mp3') expect(stretch.toFile()).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5));
      expect(parts.reduce((sum, part) => sum + sampleCountOf(part), 0)).toBe(60 - startCount - endCount);
    }
  });

  test('silence is cut, too', () => {
    const builder = new StretchBuilder();
    builder.skipNext(4);
    builder.addSilence(10, 16_000);
    addTo(builder, MONO, 0, 1);
    builder.addSilence(2, 16_000);
    builder.trimEnd(5);
    expect(outline(builder.take())).toEqual(['silence 6', '0 [0, 7]', 'silence 0']);
  });

  test('what is left to skip can be taken back', () => {
    const builder = new StretchBuilder();
    builder.skipNext(14);
    addTo(builder, MONO, 0, 1);
    builder.skipNext(0);
    addTo(builder, MONO, 1, 2);
    expect(outline(builder.take())).toEqual(['0 1 [10, 20]']);
  });
});
