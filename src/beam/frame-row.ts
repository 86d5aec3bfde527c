/** The logarithms of the probabilities of one frame. */
import { notNumbers } from '../decode/argmax.ts';
import { logSoftmaxRow } from '../decode/log-softmax.ts';

/** log p of a label counts as no less. */
const LEAST_PROBABILITY = 1e-15;

export class FrameRow {
  readonly #row: Float64Array;
  readonly #readsProbabilities: boolean;

  constructor(labelCount: number, readsProbabilities: boolean) {
    this.#row = new Float64Array(labelCount);
    this.#readsProbabilities = readsProbabilities;
  }

  /** @throws UniSpeechError `bad-input` where the frame has no probabilities. */
  read(data: ArrayLike<number>, frame: number): void {
    const row = this.#row;
    const count = row.length;
    if (this.#readsProbabilities) {
      for (let label = 0; label < count; label += 1) {
        const probability = data[frame * count + label] ?? Number.NaN;
        if (Number.isNaN(probability)) throw notNumbers(frame);
        row[label] = Math.log(Math.min(1, Math.max(LEAST_PROBABILITY, probability)));
      }
      return;
    }
    const least = Math.log(LEAST_PROBABILITY);
    logSoftmaxRow(data, frame * count, count, row, 0);
    for (let label = 0; label < count; label += 1) row[label] = Math.max(least, row[label] ?? least);
  }

  at(label: number): number {
    return this.#row[label] ?? 0;
  }

  /** Those that are not less likely than `least`, and the likeliest of all; by rising id. */
  likelyLabels(least: number): number[] {
    const row = this.#row;
    let best = 0;
    for (let label = 1; label < row.length; label += 1)
      if ((row[label] ?? 0) > (row[best] ?? 0)) best = label;
    const labels: number[] = [];
    for (let label = 0; label < row.length; label += 1)
      if ((row[label] ?? 0) >= least || label === best) labels.push(label);
    return labels;
  }
}
