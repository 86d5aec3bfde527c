/** The log probabilities that an alignment needs, of all frames: those of the blank, of the tokens and of stars. The rest of the logits is not kept. */
import { isCount, isRecord, isView } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import { badInput } from '../base/option-checks.ts';
import { notNumbers } from '../decode/argmax.ts';
import { logSoftmaxRow } from '../decode/log-softmax.ts';
import { type AlignTarget, FAIR_STAR, ZERO_STAR } from './target.ts';

/** Frames that follow each other. */
export interface FrameBlock {
  /** `[frameCount, vocabSize]`, row-major: logits, or log probabilities. */
  readonly data: Float32Array;
  readonly frameCount: number;
  readonly vocabSize: number;
}

/** Frames of one piece of memory; a power of two. */
const CHUNK_BITS = 12;
const CHUNK_FRAMES = 1 << CHUNK_BITS;
const VALUE_BYTES = 4;
/** Above it a page would die without a word. */
const MAX_BYTE_LENGTH = 2 ** 30;

export class PathColumns {
  readonly #target: AlignTarget;
  readonly #vocabSize: number;
  readonly #isLogits: boolean;
  readonly #chunks: Float32Array[] = [];
  /** The likeliest label of each frame: what a recognition would read. */
  readonly #bestChunks: Int32Array[] = [];
  readonly #row: Float32Array;
  readonly #maxByteLength: number;
  #frameCount = 0;

  constructor(target: AlignTarget, vocabSize: number, isLogits: boolean, maxByteLength = MAX_BYTE_LENGTH) {
    this.#target = target;
    this.#vocabSize = vocabSize;
    this.#isLogits = isLogits;
    this.#maxByteLength = maxByteLength;
    this.#row = new Float32Array(vocabSize);
  }

  get frameCount(): number {
    return this.#frameCount;
  }

  /** Values of a frame. */
  get columnCount(): number {
    return this.#target.columnIds.length;
  }

  /**
   * @throws UniSpeechError `bad-input` for data of another shape, and for a frame with NaN; `limit-exceeded` where the columns of all frames are more
   * than 1 GiB.
   */
  push(block: FrameBlock): void {
    const { data, frameCount } = this.#checked(block);
    for (let frame = 0; frame < frameCount; frame++) this.#pushRow(data, frame * this.#vocabSize);
  }

  #checked(block: unknown): FrameBlock {
    if (!isRecord(block)) throw badInput('logits', block, '{ data, frameCount, vocabSize }');
    const { data, frameCount, vocabSize } = block;
    if (!isView(data, 'Float32Array')) throw badInput('logits.data', data, 'a Float32Array');
    if (!isCount(frameCount)) throw badInput('logits.frameCount', frameCount, 'a whole number of at least 0');
    const expected = this.#vocabSize;
    if (vocabSize !== expected) throw badInput('logits.vocabSize', vocabSize, `${expected}, as before`);
    if (data.length !== frameCount * expected) {
      throw new UniSpeechError(
        'bad-input',
        `Logits of [${frameCount}, ${expected}] need ${frameCount * expected} values, but there are ${data.length}.`,
      );
    }
    return { data, frameCount, vocabSize: expected };
  }

  #pushRow(data: Float32Array, offset: number): void {
    const vocabSize = this.#vocabSize;
    const { columnIds, blank } = this.#target;
    let best = 0;
    let bestOther = -1;
    let bestValue = -Infinity;
    let bestOtherValue = -Infinity;
    for (let label = 0; label < vocabSize; label++) {
      const value = data[offset + label] ?? NaN;
      if (value !== value) throw notNumbers(this.#frameCount);
      if (value > bestValue) {
        best = label;
        bestValue = value;
      }
      if (label !== blank && value > bestOtherValue) {
        bestOther = label;
        bestOtherValue = value;
      }
    }
    if (this.#isLogits) logSoftmaxRow(data, offset, vocabSize, this.#row, 0);
    const [logProbs, first] = this.#isLogits ? [this.#row, 0] : [data, offset];
    const row = this.#frameCount & (CHUNK_FRAMES - 1);
    if (row === 0) {
      this.#checkMemory(CHUNK_FRAMES * (this.#chunks.length + 1));
      this.#chunks.push(new Float32Array(CHUNK_FRAMES * columnIds.length));
      this.#bestChunks.push(new Int32Array(CHUNK_FRAMES));
    }
    const chunk = this.#chunks.at(-1) ?? new Float32Array();
    const bests = this.#bestChunks.at(-1) ?? new Int32Array();
    bests[row] = best;
    const start = row * columnIds.length;
    // A closure for each frame would be more garbage than an hour's columns.
    for (let column = 0; column < columnIds.length; column++) {
      const id = columnIds[column] ?? 0;
      const label = id === FAIR_STAR ? bestOther : id;
      chunk[start + column] = id === ZERO_STAR ? 0 : (logProbs[first + label] ?? -Infinity);
    }
    this.#frameCount += 1;
  }

  #checkMemory(frameCount: number): void {
    // The likeliest label of each frame is kept, too.
    const byteLength = frameCount * (this.columnCount + 1) * VALUE_BYTES;
    if (byteLength <= this.#maxByteLength) return;
    throw new UniSpeechError(
      'limit-exceeded',
      `Aligning ${frameCount} frames with ${this.columnCount} distinct labels needs ${byteLength} bytes, expected at most ${this.#maxByteLength}.`,
      'Align the audio and its text in parts.',
    );
  }

  /** The memory that holds the columns of a frame, from `offsetOf` on. */
  valuesOf(frame: number): Float32Array {
    return this.#chunks[frame >> CHUNK_BITS] ?? new Float32Array();
  }

  offsetOf(frame: number): number {
    return (frame & (CHUNK_FRAMES - 1)) * this.columnCount;
  }

  /** The log probability of a column in a frame. */
  valueAt(frame: number, column: number): number {
    return this.valuesOf(frame)[this.offsetOf(frame) + column] ?? NaN;
  }

  /** The likeliest label of a frame. */
  bestAt(frame: number): number {
    return this.#bestChunks[frame >> CHUNK_BITS]?.[frame & (CHUNK_FRAMES - 1)] ?? NaN;
  }
}
