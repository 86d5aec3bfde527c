/**
 * Decides which words of a stream are final. A window of the newest audio is recognised repeatedly while it grows. Words on
 * which two successive hypotheses agree, and which end well before the end of the audio, are committed and never change.
 */

/** A word (or a character, or a phoneme) with its times in seconds of the stream. */
export interface Unit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface AgreementOptions {
  /** Words that end this close to the end of the audio may still change. */
  readonly guardSeconds: number;
  /** How much committed audio stays in the window as context for the next word. */
  readonly contextSeconds: number;
}

/** The window in which the units were recognised. */
export interface Heard {
  /** Start and end of the window, in seconds of the stream. */
  readonly start: number;
  readonly end: number;
  /** `'commit'`: the window is at its limit, so something must be committed. `'flush'`: the stream is over. */
  readonly mode: 'grow' | 'commit' | 'flush';
}

export interface Settled {
  readonly committed: readonly Unit[];
  readonly tentative: readonly Unit[];
  /** Audio before this is no longer needed, in seconds of the stream. */
  readonly cut: number;
}

/** How far apart two hypotheses may place the same word: about five frames. */
const JITTER_SECONDS = 0.1;
/** How many committed units are compared if times alone do not decide. */
const COMPARED_UNITS = 6;
/** This much silence before the next word is enough context. Speech before a pause need not be recognised again. */
const PAUSE_SECONDS = 0.5;
/** A sound may begin this long before the model emits it. */
const ONSET_SECONDS = 0.3;
/** How much of the window a commit at its limit must free. */
const LEAST_CUT_SECONDS = 1;

export class Agreement {
  readonly #options: AgreementOptions;
  /** Everything before this time is final. It lies between words. */
  #committedUntil = 0;
  /** Places between words, or in silence, where the window may begin. */
  #boundaries: number[] = [0];
  #lastCommitted: readonly Unit[] = [];
  /** The units after `#committedUntil` in the previous hypothesis, and the time up to which it was reliable. */
  #previous: readonly Unit[] = [];
  #previousStableEnd = 0;

  constructor(options: AgreementOptions) {
    this.#options = options;
  }

  get committedUntil(): number {
    return this.#committedUntil;
  }

  /** @param units the units of the whole window, in order. */
  next(units: readonly Unit[], { start, end, mode }: Heard): Settled {
    const { guardSeconds, contextSeconds } = this.#options;
    const unmerged = units.flatMap((unit) => this.#split(unit));
    const knownCount = this.#knownCount(unmerged);
    const fresh = unmerged.slice(knownCount);
    // A unit that contains a final word and more is not silence.
    const isSettledBehind = (unmerged[knownCount - 1]?.end ?? 0) <= this.#committedUntil + JITTER_SECONDS;
    const stableEnd = end - guardSeconds;
    const agreedCount = countWhile(fresh, (unit, index) => unit.text === this.#previous[index]?.text);
    const mayCommit = {
      grow: (unit: Unit, index: number) => index < agreedCount && unit.end <= stableEnd,
      commit: (unit: Unit) => unit.end <= stableEnd,
      flush: () => true,
    }[mode];
    let count = countWhile(fresh, mayCommit);
    this.#commit(fresh, count);
    const silences = [silentUntil(fresh[count], stableEnd)];
    if (mode === 'grow') silences.push(silentUntil(this.#previous[count], this.#previousStableEnd));
    if (isSettledBehind) this.#settle(Math.min(...silences));

    if (mode === 'commit' && this.#cut() < start + LEAST_CUT_SECONDS) {
      // An endless word is cut at the end of the audio; otherwise the window would never move on.
      this.#commit(fresh.slice(count), fresh.length - count);
      count = fresh.length;
      this.#settle(end);
      this.#boundaries.push(end - contextSeconds);
    }
    const tentative = fresh.slice(count);
    this.#previous = tentative;
    this.#previousStableEnd = stableEnd;
    const cut = this.#cut();
    this.#boundaries = this.#boundaries.filter((boundary) => boundary >= cut);
    return { committed: fresh.slice(0, count), tentative, cut };
  }

  /** The model may join a final word and the next one without a space. This separates them again. */
  #split(unit: Unit): readonly Unit[] {
    const [settled] = this.#lastCommitted;
    const isMerged =
      settled !== undefined &&
      unit.text.length > settled.text.length &&
      unit.text.startsWith(settled.text) &&
      unit.start < settled.end &&
      unit.end > this.#committedUntil + JITTER_SECONDS;
    if (!isMerged) return [unit];
    return [settled, { ...unit, text: unit.text.slice(settled.text.length), start: this.#committedUntil }];
  }

  /** How many units of a hypothesis are committed already, according to their times and, if these are close, their texts. */
  #knownCount(units: readonly Unit[]): number {
    const countBefore = (seconds: number) =>
      countWhile(units, ({ start, end }) => (start + end) / 2 <= seconds);
    const expected = countBefore(this.#committedUntil);
    const last = countBefore(this.#committedUntil + JITTER_SECONDS);
    const matchesAt = (count: number) =>
      countWhile(this.#lastCommitted, ({ text }, index) => units[count - 1 - index]?.text === text);
    let best = expected;
    for (let count = countBefore(this.#committedUntil - JITTER_SECONDS); count <= last; count += 1) {
      const gain = matchesAt(count) - matchesAt(best);
      const isNearer = Math.abs(count - expected) < Math.abs(best - expected);
      if (gain > 0 || (gain === 0 && isNearer)) best = count;
    }
    return best;
  }

  #commit(fresh: readonly Unit[], count: number): void {
    for (const [index, unit] of fresh.slice(0, count).entries()) {
      const next = fresh[index + 1];
      this.#settle(next ? Math.max(unit.end, (unit.end + next.start) / 2) : unit.end);
    }
    // The newest first.
    const newest = fresh.slice(Math.max(0, count - COMPARED_UNITS), count).reverse();
    this.#lastCommitted = [...newest, ...this.#lastCommitted].slice(0, COMPARED_UNITS);
  }

  #settle(seconds: number): void {
    if (seconds <= this.#committedUntil) return;
    this.#committedUntil = seconds;
    this.#boundaries.push(seconds);
  }

  #cut(): number {
    const latest = this.#committedUntil - this.#options.contextSeconds;
    const boundary = Math.max(0, ...this.#boundaries.filter((seconds) => seconds <= latest));
    const inPause = this.#committedUntil - PAUSE_SECONDS;
    const lastEnd = this.#lastCommitted[0]?.end ?? 0;
    return inPause > lastEnd + JITTER_SECONDS ? Math.max(boundary, inPause) : boundary;
  }
}

/** The end of the silence after final audio: before the next unit, or where the audio is no longer reliable. */
const silentUntil = (next: Unit | undefined, stableEnd: number): number =>
  Math.min(stableEnd, next ? next.start - ONSET_SECONDS : stableEnd);

function countWhile<T>(list: readonly T[], holds: (item: T, index: number) => boolean): number {
  const end = list.findIndex((item, index) => !holds(item, index));
  return end < 0 ? list.length : end;
}
