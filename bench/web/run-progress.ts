/** How far a run is: a bar, and a line that says what is measured and how long it may still take. */
import { byId } from '../../examples/web/shared/dom.ts';
import { formatMilliseconds } from '../../examples/web/shared/format.ts';
import type { SuiteStep } from '../kernels/suite.ts';

/** Before this many cases a guess of the rest would be worth nothing. */
const CASES_BEFORE_GUESS = 3;

export class RunProgress {
  readonly #box = byId('progress', HTMLElement);
  readonly #track = byId('progress-track', HTMLElement);
  readonly #bar = byId('progress-bar', HTMLElement);
  readonly #text = byId('progress-text', HTMLElement);
  #firstCaseStart = 0;

  begin(): void {
    this.#box.hidden = false;
    this.#set(0, 'Opening the GPU …');
  }

  readonly report = (next: SuiteStep): void => {
    if (next.kind === 'peak') {
      this.#set(0, `Measuring the peak of ${next.adapter} …`);
      return;
    }
    const { index, count, benchCase } = next;
    if (index === 0) this.#firstCaseStart = performance.now();
    const elapsed = performance.now() - this.#firstCaseStart;
    const rest = (elapsed / index) * (count - index);
    const left = index < CASES_BEFORE_GUESS ? '' : `, about ${formatMilliseconds(rest)} left`;
    const kernels = benchCase.variants.length === 1 ? '' : `, ${benchCase.variants.length} kernels`;
    this.#set(index / count, `${index + 1} of ${count}: ${benchCase.name}${kernels}${left}`);
  };

  end(text: string): void {
    this.#box.hidden = text === '';
    this.#track.hidden = true;
    this.#text.textContent = text;
  }

  #set(share: number, text: string): void {
    this.#track.hidden = false;
    this.#bar.style.width = `${100 * share}%`;
    this.#track.setAttribute('aria-valuenow', (100 * share).toFixed(0));
    this.#text.textContent = text;
  }
}
