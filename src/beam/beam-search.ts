/**
 * Prefix beam search for CTC with words, a language model and hotwords, frame by frame. It keeps what pyctcdecode 0.5.0 keeps
 * (`BeamSearchDecoderCTC._decode_logits`), but no strings: beams with one text share nodes, so beams are merged by numbers.
 */
import { Beams, BeamTable, bestOf, logSum, NO_LABEL, NO_PLACE } from './beams.ts';
import { FORGOTTEN } from './column.ts';
import { FrameRow } from './frame-row.ts';
import { Histories, NO_WORDS } from './histories.ts';
import type { Hypothesis, WordSpan } from './hypothesis.ts';
import type { LabelSet } from './labels.ts';
import type { Scorer } from './scorer.ts';
import { NO_TIMES, WordTimes } from './word-times.ts';
import { EMPTY_WORD, WordTrie } from './word-trie.ts';

/** Nodes that no beam needs are forgotten when there are so many, and again when there are four times as many as were needed. */
const SPARE_NODES = 2 ** 16;

export interface SearchSettings {
  readonly beamWidth: number;
  /** At most 0: beams that are so much worse than the best are left out. */
  readonly beamMargin: number;
  /** Labels below are tried only where they are the best of their frame. */
  readonly leastLogProbability: number;
  /** Keeps only the best of beams whose last words are the same. */
  readonly prunesHistory: boolean;
  /** Whether frames hold probabilities in place of logits. */
  readonly readsProbabilities: boolean;
  /**
   * So many words behind the best beam, at most twice as many, all beams get the same words, so that what is kept and what is not final stays short. A beam
   * that differs only further back stays as far behind as it is, whatever follows. Undefined: never.
   */
  readonly openWordCount?: number | undefined;
  /** How many nodes may be kept that no beam needs. Changes no result. */
  readonly spareNodes?: number | undefined;
}

/** A beam at the end. */
interface FinalBeam {
  readonly history: number;
  readonly times: number;
  /** Of the sound. */
  logitScore: number;
  /** Of the words. */
  readonly share: number;
}

export class BeamSearch {
  readonly #labels: LabelSet;
  readonly #scorer: Scorer;
  readonly #settings: SearchSettings;
  readonly #words: WordTrie;
  readonly #histories: Histories;
  readonly #times = new WordTimes();
  readonly #beams = new Beams();
  readonly #next = new Beams();
  #totals = new Float64Array(64);
  readonly #table = new BeamTable();
  readonly #row: FrameRow;
  #nodesToKeep: number;
  /** How many first words were taken, and how many are forgotten. */
  #takenCount = 0;
  #forgottenCount = 0;
  /** How many first words are the same in all beams for good. */
  #settledCount = 0;

  /** @param start what came before, for the language model; undefined at the beginning. */
  constructor(labels: LabelSet, scorer: Scorer, settings: SearchSettings, start?: readonly number[]) {
    this.#labels = labels;
    this.#scorer = scorer;
    this.#settings = settings;
    this.#words = new WordTrie(scorer);
    this.#histories = new Histories(scorer, this.#words, start ?? scorer.startContext());
    this.#row = new FrameRow(labels.count, settings.readsProbabilities);
    this.#nodesToKeep = settings.spareNodes ?? SPARE_NODES;
    const beams = this.#beams;
    beams.count = 1;
    beams.histories[0] = NO_WORDS;
    beams.lasts[0] = NO_LABEL;
    beams.times[0] = NO_TIMES;
    beams.starts[0] = NO_PLACE;
    beams.ends[0] = NO_PLACE;
  }

  /**
   * Takes frames that follow those before.
   * @param data `[frameCount, labels]`, row-major.
   * @param start of the first frame, at least 0; frames are `step` apart.
   * @throws UniSpeechError `bad-input` where a frame has no probabilities, `bad-checkpoint` where the language model turns out to be damaged.
   */
  push(data: ArrayLike<number>, frameCount: number, start: number, step: number): void {
    for (let frame = 0; frame < frameCount; frame += 1) {
      this.#row.read(data, frame);
      this.#extend(start + frame * step, step);
      const nodeCount = Math.max(this.#histories.count, this.#words.count, this.#times.count);
      if (nodeCount > this.#nodesToKeep) this.#forget();
    }
  }

  /**
   * The words that all beams begin with, and that were not taken before.
   * @param needsTimes whether only words count whose times all beams agree on, too, or that are settled. The times are those of the best beam.
   * @param keeps whether the words are needed again.
   */
  take(needsTimes: boolean, keeps: boolean): readonly WordSpan[] {
    const { histories, times, count } = this.#beams;
    const nodes = Array.from(histories.subarray(0, count));
    let depth = this.#histories.commonDepth(nodes);
    if (needsTimes) depth = Math.min(depth, this.#times.commonDepth(Array.from(times.subarray(0, count))));
    const from = this.#takenCount;
    if (depth <= from) return [];
    const words = this.#spans(nodes[0] ?? NO_WORDS, times[0] ?? NO_TIMES, from).slice(0, depth - from);
    this.#takenCount = depth;
    if (!keeps) this.#forgottenCount = depth;
    return words;
  }

  /** How many words were taken. */
  get takenCount(): number {
    return this.#takenCount;
  }

  /**
   * What the frames by now may say, if they are all; the likeliest first. Frames can follow all the same.
   * @param from leaves so many first words out: at least those that are forgotten.
   */
  hypotheses(from = 0): Hypothesis[] {
    const finals = this.#finals();
    const totals = Float64Array.from(finals, ({ logitScore, share }) => logitScore + share);
    const { beamMargin, beamWidth } = this.#settings;
    return bestOf(totals, finals.length, beamMargin, beamWidth).flatMap((place) => {
      const final = finals[place];
      if (!final) return [];
      const { history, times, logitScore } = final;
      return {
        words: this.#spans(history, times, from),
        logitScore,
        score: totals[place] ?? logitScore,
        context: this.#histories.context(history),
      };
    });
  }

  #spans(history: number, times: number, from: number): WordSpan[] {
    const heard = this.#times.timesFrom(times, from);
    return this.#histories.wordsFrom(history, from).map((word, index) => {
      const [start, end] = heard[index] ?? [0, 0];
      return { text: this.#words.textOf(word), start, end };
    });
  }

  #extend(start: number, step: number): void {
    const { blank, space, codePoints } = this.#labels;
    const beams = this.#beams;
    const next = this.#next;
    const labels = this.#row.likelyLabels(this.#settings.leastLogProbability);
    next.count = 0;
    next.reserve(labels.length * beams.count);
    this.#table.reset(labels.length * beams.count);
    for (const label of labels) {
      const logProbability = this.#row.at(label);
      const spelled = codePoints[label] ?? [];
      for (let beam = 0; beam < beams.count; beam += 1) {
        let history = beams.histories[beam] ?? 0;
        let word = beams.words[beam] ?? 0;
        let times = beams.times[beam] ?? 0;
        let partStart = beams.starts[beam] ?? 0;
        let partEnd = beams.ends[beam] ?? 0;
        if (label === blank) {
          // The text is the same, and so is the end of its last letter.
        } else if (label === beams.lasts[beam]) partEnd = start + step;
        else if (label === space) {
          if (word !== EMPTY_WORD) {
            history = this.#histories.child(history, word);
            times = this.#times.child(times, partStart, partEnd);
          }
          word = EMPTY_WORD;
          partStart = NO_PLACE;
          partEnd = NO_PLACE;
        } else {
          for (const codePoint of spelled) word = this.#words.child(word, codePoint);
          if (partStart < 0) partStart = start;
          partEnd = start + step;
        }
        const score = (beams.scores[beam] ?? 0) + logProbability;
        const place = this.#table.placeOf(next, history, word, label);
        // Of equal texts the later one gives the times.
        next.scores[place] = place < next.count ? logSum(next.scores[place] ?? 0, score) : score;
        next.histories[place] = history;
        next.words[place] = word;
        next.lasts[place] = label;
        next.times[place] = times;
        next.starts[place] = partStart;
        next.ends[place] = partEnd;
        if (place === next.count) next.count += 1;
      }
    }
    this.#prune();
  }

  /** Makes the best of the extended beams those of the next frame. */
  #prune(): void {
    const { beamMargin, beamWidth, prunesHistory } = this.#settings;
    const extended = this.#next;
    if (this.#totals.length < extended.count) this.#totals = new Float64Array(2 * extended.count);
    const totals = this.#totals;
    for (let beam = 0; beam < extended.count; beam += 1) {
      const share =
        this.#histories.share(extended.histories[beam] ?? 0) +
        this.#words.partShare(extended.words[beam] ?? 0);
      totals[beam] = (extended.scores[beam] ?? 0) + share;
    }
    let best = bestOf(totals, extended.count, beamMargin, beamWidth);
    if (prunesHistory) best = this.#withoutTwins(extended, best);
    const beams = this.#beams;
    beams.count = 0;
    beams.reserve(best.length);
    for (const place of best) beams.copy(extended, place);
    this.#settle();
  }

  /** Drops the beams that differ from the best in words that are far back. */
  #settle(): void {
    const { openWordCount } = this.#settings;
    const beams = this.#beams;
    const best = beams.histories[0] ?? NO_WORDS;
    const depth = this.#histories.depth(best);
    if (openWordCount === undefined || depth - this.#settledCount <= 2 * openWordCount) return;
    this.#settledCount = depth - openWordCount;
    const beginning = this.#histories.beginning(best, this.#settledCount);
    const { count } = beams;
    beams.count = 0;
    for (let beam = 0; beam < count; beam += 1)
      if (this.#histories.beginning(beams.histories[beam] ?? NO_WORDS, this.#settledCount) === beginning)
        beams.copy(beams, beam);
  }

  #withoutTwins({ histories, words, lasts }: Beams, best: readonly number[]): number[] {
    const seen = new Set<string>();
    return best.filter((place) => {
      const suffix = this.#histories.suffix(histories[place] ?? 0);
      const key = `${suffix} ${words[place] ?? 0} ${lasts[place] ?? 0}`;
      const isNew = !seen.has(key);
      seen.add(key);
      return isNew;
    });
  }

  /** The beams as whole texts, those with equal ones merged. */
  #finals(): FinalBeam[] {
    const { histories, words, times, starts, ends, scores, count } = this.#beams;
    const byHistory = new Map<number, FinalBeam>();
    for (let beam = 0; beam < count; beam += 1) {
      const before = histories[beam] ?? 0;
      const word = words[beam] ?? 0;
      const hasWord = word !== EMPTY_WORD;
      const history = hasWord ? this.#histories.child(before, word) : before;
      const score = scores[beam] ?? 0;
      const merged = byHistory.get(history);
      byHistory.set(history, {
        history,
        times: hasWord
          ? this.#times.child(times[beam] ?? 0, starts[beam] ?? 0, ends[beam] ?? 0)
          : (times[beam] ?? 0),
        logitScore: merged ? logSum(merged.logitScore, score) : score,
        share: this.#shareAtEnd(before, history),
      });
    }
    return [...byHistory.values()];
  }

  #shareAtEnd(before: number, history: number): number {
    const { model, isCompatible } = this.#scorer.parts;
    if (!model) return this.#histories.share(history);
    if (history !== before) return this.#histories.shareWithLast(before, history);
    return isCompatible ? this.#histories.shareWithNoWord(history) : this.#histories.shareAtEnd(history);
  }

  /** Lets go of the nodes that no beam needs. */
  #forget(): void {
    const beams = this.#beams;
    const { count } = beams;
    const nodes = (column: Int32Array): number[] => Array.from(column.subarray(0, count));
    const isWordUsed = new Uint8Array(this.#words.count);
    for (const word of nodes(beams.words)) isWordUsed[word] = 1;
    // The words before decide which beams are twins.
    const depth = Math.max(0, this.#forgottenCount - this.#histories.suffixLength);
    const histories = this.#histories.compact(nodes(beams.histories), depth, isWordUsed);
    const times = this.#times.compact(nodes(beams.times), this.#forgottenCount);
    const words = this.#words.compact(isWordUsed);
    this.#histories.renameWords(words);
    for (let beam = 0; beam < count; beam += 1) {
      beams.histories[beam] = histories[beams.histories[beam] ?? 0] ?? FORGOTTEN;
      beams.words[beam] = words[beams.words[beam] ?? 0] ?? FORGOTTEN;
      beams.times[beam] = times[beams.times[beam] ?? 0] ?? FORGOTTEN;
    }
    const needed = Math.max(this.#histories.count, this.#words.count, this.#times.count);
    this.#nodesToKeep = Math.max(this.#settings.spareNodes ?? SPARE_NODES, 4 * needed);
  }
}
