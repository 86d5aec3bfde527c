/** Finds where one window may take over from the one before it: in a pause, and where both say the same. Pure. */

/** The level of a place is that of so much sound around it, so that the closure of a plosive is no pause. */
const SMOOTHED_SECONDS = 0.2;
/** Places are equally quiet up to this ratio of energies, 3 dB: noise differs by so much from one place to the next. */
const EQUAL_RATIO = 2;
/** So many frames on either side of a cut must be the same in both windows. More speak for no place. */
const AGREED_FRAMES = 4;

/**
 * How loud the sound is around each place where it can be cut: before each of `frameCount` frames, and behind the last.
 * @param samples from the first frame on.
 */
export function levelsOf(
  samples: Float32Array,
  frameCount: number,
  { sampleRate, samplesPerFrame }: { readonly sampleRate: number; readonly samplesPerFrame: number },
): Float64Array {
  const energies = frameEnergies(samples, samplesPerFrame);
  const reach = Math.max(1, Math.round((SMOOTHED_SECONDS * sampleRate) / samplesPerFrame / 2));
  return Float64Array.from({ length: frameCount + 1 }, (_, frame) => {
    const around = energies.subarray(Math.max(0, frame - reach), frame + reach);
    return around.length > 0 ? around.reduce((sum, energy) => sum + energy, 0) / around.length : 0;
  });
}

/** The energy of each whole frame around its mean: an offset is no sound. */
function frameEnergies(samples: Float32Array, samplesPerFrame: number): Float64Array {
  const energies = new Float64Array(Math.floor(samples.length / samplesPerFrame));
  for (let frame = 0; frame < energies.length; frame += 1) {
    let sum = 0;
    let squares = 0;
    for (let index = frame * samplesPerFrame; index < (frame + 1) * samplesPerFrame; index += 1) {
      const sample = samples[index] ?? 0;
      sum += sample;
      squares += sample * sample;
    }
    energies[frame] = Math.max(0, squares - (sum * sum) / samplesPerFrame);
  }
  return energies;
}

/** Tokens that are no letters. */
export interface CtcTokens {
  /** The one that says nothing. */
  readonly blank: number | null;
  /** The one between words; null where there is none. */
  readonly delimiter: number | null;
}

/** What two windows say of their overlap: the most likely token of each frame. */
export interface TwoWindows extends CtcTokens {
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
}

/**
 * For each place where two windows can be joined, how much speaks for it: the frames on either side, up to some, that are the same in both, and once
 * more as many where both have said the same before. Until then the later window may take a word for the first one, and leave out the space before it.
 */
function agreementOf({ left, right, blank }: TwoWindows): number[] {
  const count = Math.min(left.length, right.length);
  const isSame = (frame: number): boolean => left[frame] === right[frame];
  const before = [0];
  for (let frame = 0; frame < count; frame += 1) before.push(isSame(frame) ? (before[frame] ?? 0) + 1 : 0);
  const firstSaid = Array.from({ length: count }, (_, frame) => frame).findIndex(
    (frame) => isSame(frame) && left[frame] !== blank,
  );
  let behind = 0;
  return before
    .map((sameBefore, frame) => ({ sameBefore, frame }))
    .reverse()
    .map(({ sameBefore, frame }) => {
      behind = frame < count && isSame(frame) ? behind + 1 : 0;
      const hasSaid = firstSaid >= 0 && firstSaid < frame;
      return Math.min(sameBefore, behind, AGREED_FRAMES) + (hasSaid ? AGREED_FRAMES : 0);
    })
    .reverse();
}

/** What a window says around each place where it can be cut: its last token before and its first one behind, but blanks. */
interface SaidAround {
  readonly before: readonly (number | undefined)[];
  readonly behind: readonly (number | undefined)[];
}

function saidAround(ids: ArrayLike<number>, count: number, blank: number | null): SaidAround {
  const lastSaid = (frames: readonly number[]): (number | undefined)[] => {
    let last: number | undefined;
    const before: (number | undefined)[] = [undefined];
    for (const frame of frames) {
      if (ids[frame] !== blank) last = ids[frame];
      before.push(last);
    }
    return before;
  };
  const frames = Array.from({ length: count }, (_, frame) => frame);
  return { before: lastSaid(frames), behind: lastSaid(frames.reverse()).reverse() };
}

/**
 * For each place where two windows can be joined, whether it lies `between` two words in both, or where a window knows no word before it or behind it; and of
 * those places, whether it is `broken`: the space is behind it in the one and before it in the other, and would be lost or come twice.
 */
function gapsOf(
  { left, right, blank, delimiter }: TwoWindows,
  count: number,
): readonly ('between' | 'broken' | undefined)[] {
  const [first, second] = [left, right].map((ids) => saidAround(ids, count, blank));
  const isLetter = (id: number | undefined): boolean => id !== undefined && id !== delimiter;
  const isGap = (before: number | undefined, behind: number | undefined): boolean =>
    !(isLetter(before) && isLetter(behind));
  return Array.from({ length: count + 1 }, (_, place) => {
    const [before, behind] = [first?.before[place], second?.behind[place]];
    if (!isGap(before, first?.behind[place]) || !isGap(second?.before[place], behind)) return undefined;
    const isTwice = before === delimiter && behind === delimiter;
    return isGap(before, behind) && !isTwice ? 'between' : 'broken';
  });
}

/**
 * The frame with which the later window takes over: where both windows agree, since a space or a letter on which they do not would be lost or come
 * twice, and between two words, on one side of the space, where they agree anywhere there; of these places in one of the quietest, and of these the one nearest to the wanted place.
 * @param earliest the first frame to choose.
 */
export function chooseSeam(
  levels: ArrayLike<number>,
  windows: TwoWindows,
  wanted: number,
  earliest = 0,
): number {
  const { delimiter } = windows;
  const agreement = agreementOf(windows);
  const places = agreement.map((_, frame) => frame).filter((frame) => frame >= earliest);
  const mostOf = (among: readonly number[]): number =>
    among.reduce((most, frame) => Math.max(most, agreement[frame] ?? 0), 0);
  const count = agreement.length - 1;
  const gaps = delimiter === null ? [] : gapsOf(windows, count);
  const between = places.filter((frame) => gaps[frame] === 'between');
  const whole = places.filter((frame) => gaps[frame] !== 'broken');
  // More than that only speaks for a place if both have said the same before.
  const choices = mostOf(between) > AGREED_FRAMES ? between : whole.length > 0 ? whole : places;
  const most = mostOf(choices);
  const agreed = choices.filter((frame) => agreement[frame] === most);
  const levelOf = (frame: number): number => levels[frame] ?? Infinity;
  const least = agreed.reduce((level, frame) => Math.min(level, levelOf(frame)), Infinity);
  const quiet = agreed.filter((frame) => levelOf(frame) <= EQUAL_RATIO * least);
  return quiet.reduce(
    (best, frame) => (Math.abs(frame - wanted) < Math.abs(best - wanted) ? frame : best),
    quiet[0] ?? earliest,
  );
}

/** What cuts need of this file. */
export const quietCut = { levelsOf, chooseSeam };
export type QuietCut = typeof quietCut;
