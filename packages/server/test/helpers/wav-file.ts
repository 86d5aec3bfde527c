/** Clips as WAV files. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** 16 bits, mono, 16 kHz. Minutes of sound, which the writer of the core's tests makes of lists of numbers. */
export function wavOf(samples: Float32Array): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(16_000, 24);
  bytes.writeUInt32LE(32_000, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, index) => bytes.writeInt16LE(Math.round(sample * 32_768), 44 + 2 * index));
  return bytes;
}

/** @returns the path. */
export function writeWav(folder: string, name: string, samples: Float32Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, wavOf(samples));
  return file;
}
