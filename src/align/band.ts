/**
 * Which states a search looks at. States go in pairs: pair k is the blank before token k and the token itself; the last pair is the last
 * blank alone. In frame t a search looks at the pairs from `low[t]` to `high[t]`; neither ever goes back. Pure.
 */

export interface StateBand {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** All states that can be reached in a frame and from which the end can still be reached. Leaving the others out changes nothing. */
export function fullBand(frameCount: number, tokenCount: number): StateBand {
  const low = new Int32Array(frameCount);
  const high = new Int32Array(frameCount);
  for (let frame = 0; frame < frameCount; frame++) {
    low[frame] = Math.max(0, tokenCount - (frameCount - frame));
    high[frame] = Math.min(tokenCount, frame);
  }
  return { low, high };
}

/** A place that the path is thought to come through: in this frame it is near this token. */
export interface Anchor {
  readonly frame: number;
  readonly token: number;
}

/**
 * The pairs from `margin` before the last anchor to `margin` behind the next one: everything between two anchors, whatever lies there.
 * @param anchors in order; frames and tokens rise.
 */
export function anchoredBand(
  full: StateBand,
  tokenCount: number,
  anchors: readonly Anchor[],
  margin: number,
): StateBand {
  const frameCount = full.low.length;
  const low = Int32Array.from(full.low);
  const high = Int32Array.from(full.high);
  let last = 0;
  let position = 0;
  for (let frame = 0; frame < frameCount; frame++) {
    for (let anchor = anchors[position]; anchor && anchor.frame <= frame; anchor = anchors[position]) {
      last = anchor.token;
      position += 1;
    }
    const next = anchors[position]?.token ?? tokenCount;
    low[frame] = Math.max(low[frame] ?? 0, last - margin);
    high[frame] = Math.min(high[frame] ?? 0, next + margin);
  }
  return { low, high };
}

/** How many states a search in a band looks at. */
export function cellCount({ low, high }: StateBand): number {
  let count = 0;
  for (let frame = 0; frame < low.length; frame++) count += 2 * ((high[frame] ?? 0) - (low[frame] ?? 0) + 1);
  return count;
}
