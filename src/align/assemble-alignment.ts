/** From a path to words with times: spans, edges, scores. Pure. */
import type { EmissionInfo } from '../pipelines/emissions.ts';
import type { CheckedAlignOptions } from './align-options.ts';
import type { AlignedToken, AlignedUtterance, AlignedWord, Alignment } from './alignment.ts';
import type { TextPlan, TextWord } from './alignment-text.ts';
import type { PathColumns } from './path-columns.ts';
import { edgesAtPauses, type LoudnessTrack, type SecondEdges } from './pauses.ts';
import { spansOf, type TokenSpan } from './spans.ts';
import type { AlignTarget } from './target.ts';
import { untranscribedAudio } from './untranscribed.ts';
import { leastMean, utterancesOf, type UtteranceRange } from './utterances.ts';
import type { FoundPath } from './viterbi.ts';
import { extendedEdges, extensionOf, type FrameEdges, secondsOfEdge } from './word-edges.ts';

export interface AlignmentParts {
  readonly text: string;
  readonly info: EmissionInfo;
  readonly plan: TextPlan;
  readonly target: AlignTarget;
  readonly columns: PathColumns;
  readonly path: FoundPath;
  readonly options: Pick<CheckedAlignOptions, 'boundaries' | 'utterances'>;
  /** Where `boundaries` is `'audio'`. */
  readonly loudness: LoudnessTrack | undefined;
  /** Of the audio, in seconds. */
  readonly duration: number;
  readonly warnings: readonly string[];
}

export function assembleAlignment(parts: AlignmentParts): Alignment {
  const { text, info, plan, target, columns, path, options, duration, warnings } = parts;
  const spans = spansOf(path.states, columns, target, info.labels.length);
  const edges = wordEdges(parts, spans);
  const words = plan.words.map((word, index): AlignedWord => {
    const { start, end, isInferred } = edges[index] ?? { start: 0, end: 0, isInferred: true };
    return {
      text: word.text,
      start,
      end,
      score: meanScore(spans.slice(word.firstToken, word.firstToken + word.tokenCount)),
      char_start: word.start,
      char_end: word.end,
      first_token: word.firstToken,
      token_count: word.tokenCount,
      ...(isInferred && { inferred: true }),
    };
  });
  return {
    text,
    words,
    tokens: spans.map((span, index) => tokenOf(span, index, parts)),
    utterances: utterancesOf(text, plan.words, options.utterances).map((range) =>
      utteranceOf(range, words, spans, parts),
    ),
    unaligned: plan.unaligned,
    untranscribed: untranscribedAudio(spans, (index) => isOfWord(plan, index), columns, info, duration),
    score: meanScore(spans.filter(({ index }) => isOfWord(plan, index))),
    log_prob: path.logProb,
    boundaries: options.boundaries,
    duration,
    frames: path.states.length,
    ...(warnings.length > 0 && { warnings }),
  };
}

const isOfWord = ({ tokens }: TextPlan, index: number): boolean => tokens[index]?.word !== null;

function tokenOf(span: TokenSpan, index: number, { info, plan, duration }: AlignmentParts): AlignedToken {
  const { start = 0, end = 0, word = null } = plan.tokens[index] ?? {};
  return {
    id: span.token,
    text: info.labels[span.token] ?? '*',
    start: secondsOfEdge(span.start, info, duration),
    end: secondsOfEdge(span.end, info, duration),
    start_frame: span.start,
    end_frame: span.end,
    score: span.score,
    log_prob: span.log_prob,
    char_start: start,
    char_end: end,
    word,
  };
}

/** Weighted by frames; stars have no score. */
function meanScore(spans: readonly TokenSpan[]): number | null {
  let sum = 0;
  let frameCount = 0;
  for (const { score, start, end } of spans) {
    if (score === null) continue;
    sum += score * (end - start);
    frameCount += end - start;
  }
  return frameCount === 0 ? null : sum / frameCount;
}

/** The frames from the first token of a word to its last. */
function framesOf({ firstToken, tokenCount }: TextWord, spans: readonly TokenSpan[]): FrameEdges {
  return [spans[firstToken]?.start ?? 0, spans[firstToken + tokenCount - 1]?.end ?? 0];
}

interface WordEdges {
  readonly start: number;
  readonly end: number;
  readonly isInferred: boolean;
}

function wordEdges(parts: AlignmentParts, spans: readonly TokenSpan[]): WordEdges[] {
  const { info, plan, options, loudness, duration, path } = parts;
  const inSeconds = ([start, end]: FrameEdges): SecondEdges => [
    secondsOfEdge(start, info, duration),
    secondsOfEdge(end, info, duration),
  ];
  const heard = plan.words.filter(({ tokenCount }) => tokenCount > 0).map((word) => framesOf(word, spans));
  let edges: readonly SecondEdges[];
  if (options.boundaries === 'frames') edges = heard.map(inSeconds);
  else edges = extendedEdges(heard, path.states.length, extensionOf(info)).map(inSeconds);
  if (options.boundaries === 'audio' && loudness) {
    const isStarBetween = ({ token, index }: TokenSpan): boolean =>
      token === info.labels.length && !isOfWord(plan, index);
    const stars = spans.filter(isStarBetween).map(({ start, end }) => inSeconds([start, end]));
    edges = edgesAtPauses(heard.map(inSeconds), loudness, { duration, extended: edges, stars });
  }
  return withInferred(plan.words, edges, duration);
}

/** Words without tokens share the time between their neighbours; before the first and behind the last they have none. */
function withInferred(
  words: readonly TextWord[],
  edges: readonly SecondEdges[],
  duration: number,
): WordEdges[] {
  const placed: WordEdges[] = [];
  let heardCount = 0;
  for (let index = 0; index < words.length;) {
    const isHeard = (word: TextWord | undefined): boolean => word !== undefined && word.tokenCount > 0;
    if (isHeard(words[index])) {
      const [start, end] = edges[heardCount] ?? [0, 0];
      placed.push({ start, end, isInferred: false });
      heardCount += 1;
      index += 1;
      continue;
    }
    let count = 1;
    while (index + count < words.length && !isHeard(words[index + count])) count += 1;
    const before = edges[heardCount - 1]?.[1];
    const behind = edges[heardCount]?.[0];
    const from = before ?? behind ?? 0;
    const to = behind ?? before ?? duration;
    for (let part = 0; part < count; part++) {
      const at = (share: number): number => from + ((to - from) * share) / count;
      placed.push({ start: at(part), end: part === count - 1 ? to : at(part + 1), isInferred: true });
    }
    index += count;
  }
  return placed;
}

function utteranceOf(
  { from, to }: UtteranceRange,
  words: readonly AlignedWord[],
  spans: readonly TokenSpan[],
  { text, path, columns, target }: AlignmentParts,
): AlignedUtterance {
  const inside = words.slice(from, to);
  const heard = inside.filter(({ token_count: count }) => count > 0);
  const ofTokens = heard.flatMap(({ first_token: first, token_count: count }) =>
    spans.slice(first, first + count),
  );
  const charStart = inside[0]?.char_start ?? 0;
  const charEnd = inside.at(-1)?.char_end ?? 0;
  const firstFrame = ofTokens[0]?.start ?? 0;
  const logProbs = Float32Array.from({ length: (ofTokens.at(-1)?.end ?? 0) - firstFrame }, (_, offset) => {
    const state = path.states[firstFrame + offset] ?? 0;
    return columns.valueAt(firstFrame + offset, state % 2 === 0 ? 0 : (target.columns[state >> 1] ?? 0));
  });
  return {
    text: text.slice(charStart, charEnd),
    start: inside[0]?.start ?? 0,
    end: inside.at(-1)?.end ?? 0,
    score: meanScore(ofTokens),
    confidence: ofTokens.length === 0 ? null : leastMean(logProbs),
    char_start: charStart,
    char_end: charEnd,
    first_word: from,
    word_count: to - from,
  };
}
