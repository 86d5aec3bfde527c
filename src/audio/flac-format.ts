import { joinBytes } from '../base/bytes.ts';
import { type FlacFormat, writeStreamHeader } from './flac-header.ts';
import type { StreamFormat } from './encoded-audio.ts';

/** Maps a frame's header to the format for its decoder. Frames of the same format get the same object. */
export function flacFormats(): (format: FlacFormat) => StreamFormat {
  const formats = new Map<string, StreamFormat>();
  return ({ sampleRate, channelCount, bitsPerSample }) => {
    const key = `${sampleRate} ${channelCount} ${bitsPerSample}`;
    const description = writeStreamHeader({ sampleRate, channelCount, bitsPerSample });
    const format = formats.get(key) ?? {
      codec: 'flac',
      sampleRate,
      channelCount,
      description,
      toFile: (packets) => joinBytes([description, ...packets]),
    };
    formats.set(key, format);
    return format;
  };
}
