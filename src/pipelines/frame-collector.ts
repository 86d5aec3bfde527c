/** A decoder that decodes nothing: it gives the logits of a clip as they are, for whoever reads more in them than text. */
import { joinSamples } from '../audio/channels.ts';
import { notNumbers } from '../decode/argmax.ts';
import type { Decoder, FrameLogits, WindowFrames } from '../decode/decoder.ts';

/** Each part is frames that follow each other. There are several where the clip has frames that no window gave. */
export class FrameCollector implements Decoder<readonly FrameLogits[]> {
  readonly #samplesPerFrame: number;
  #windows: FrameLogits[] = [];

  constructor(samplesPerFrame: number) {
    this.#samplesPerFrame = samplesPerFrame;
  }

  push(frames: WindowFrames): void {
    if ('ids' in frames) throw new TypeError('A collector of frames reads logits, not tokens.');
    const { data, vocabSize, frameCount } = frames;
    // NaN is the only value that is not equal to itself.
    const missing = data.findIndex((value) => value !== value);
    if (missing >= 0) throw notNumbers(Math.floor(missing / vocabSize));
    // A copy: the window's memory is also that of its neighbours, and of the other clips of its batch.
    if (frameCount > 0) this.#windows.push({ ...frames, data: data.slice() });
  }

  /** Whoever takes the frames may keep their memory. */
  take(): readonly FrameLogits[] {
    const groups: FrameLogits[][] = [];
    let end = -1;
    for (const window of this.#windows.splice(0)) {
      if (window.startSample === end) groups.at(-1)?.push(window);
      else groups.push([window]);
      end = window.startSample + window.frameCount * this.#samplesPerFrame;
    }
    return groups.flatMap(joined);
  }

  finish(): readonly FrameLogits[] {
    return this.take();
  }
}

function joined(windows: readonly FrameLogits[]): readonly FrameLogits[] {
  const [first] = windows;
  if (!first || windows.length === 1) return windows;
  const data = joinSamples(windows.map((window) => window.data));
  return [{ ...first, data, frameCount: data.length / first.vocabSize }];
}
