/** Makes the PNG of a screenshot small: 256 colours chosen by median cut, the strongest compression. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE_BYTES = 8;
const COLOR_COUNT = 256;
const CHANNELS = [16, 8, 0];

/**
 * @param {Buffer} png with eight bits per channel, RGB, not interlaced, as Chromium writes it for opaque pages.
 * @returns {Buffer} the same picture in at most 256 colours.
 */
export function smallPng(png) {
  const { width, height, colors } = decode(png);
  const { palette, indexOf } = choosePalette(colors);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf.get(colors[y * width + x]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    png.subarray(0, SIGNATURE_BYTES),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((color) => CHANNELS.map((shift) => (color >> shift) & 255)))),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(content), 4);
  return Buffer.concat([frame.subarray(0, 4), content, frame.subarray(4)]);
}

/** Size and colours (0xRRGGBB) of a PNG. */
function decode(png) {
  const parts = [];
  for (let offset = SIGNATURE_BYTES; offset < png.length;) {
    const length = png.readUInt32BE(offset);
    if (png.toString('latin1', offset + 4, offset + 8) === 'IDAT')
      parts.push(png.subarray(offset + 8, offset + 8 + length));
    offset += 12 + length;
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (png[24] !== 8 || png[25] !== 2 || png[28] !== 0) throw new Error('expected a plain RGB PNG');
  const filtered = inflateSync(Buffer.concat(parts));
  const stride = 3 * width;
  const bytes = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < 3 ? 0 : bytes[at - 3];
      const up = y === 0 ? 0 : bytes[at - stride];
      const corner = x < 3 || y === 0 ? 0 : bytes[at - stride - 3];
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      bytes[at] = filtered[y * (stride + 1) + 1 + x] + predicted;
    }
  }
  const colors = new Uint32Array(width * height);
  for (let index = 0; index < colors.length; index++)
    colors[index] = (bytes[3 * index] << 16) | (bytes[3 * index + 1] << 8) | bytes[3 * index + 2];
  return { width, height, colors };
}

/** The neighbour nearest to their plane, as the PNG specification has it. */
function paeth(left, up, corner) {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value));
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Splits the box of the widest and fullest colours until there are enough; each is shown as its most frequent one. */
function choosePalette(colors) {
  const counts = new Map();
  for (const color of colors) counts.set(color, (counts.get(color) ?? 0) + 1);
  const boxes = [makeBox([...counts])];
  while (boxes.length < COLOR_COUNT) {
    const widest = boxes.reduce((most, box) => (box.weight > most.weight ? box : most));
    if (widest.weight === 0) break;
    boxes.splice(boxes.indexOf(widest), 1, ...split(widest));
  }
  const indexOf = new Map(boxes.flatMap(({ entries }, index) => entries.map(([color]) => [color, index])));
  const palette = boxes.map(
    ({ entries }) => entries.reduce((most, entry) => (entry[1] > most[1] ? entry : most))[0],
  );
  return { palette, indexOf };
}

function makeBox(entries) {
  const ranges = CHANNELS.map((shift) => {
    const values = entries.map(([color]) => (color >> shift) & 255);
    return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  });
  const range = Math.max(...ranges);
  const count = entries.reduce((sum, [, times]) => sum + times, 0);
  return { entries, shift: CHANNELS[ranges.indexOf(range)], weight: range ** 2 * Math.sqrt(count) };
}

function split({ entries, shift }) {
  const sorted = [...entries].sort(([a], [b]) => ((a >> shift) & 255) - ((b >> shift) & 255));
  const middle = Math.ceil(sorted.length / 2);
  return [makeBox(sorted.slice(0, middle)), makeBox(sorted.slice(middle))];
}
