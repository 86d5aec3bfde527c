/** The form in which the visitor chooses what is measured; it is filled from a choice and read as one. */
import { byId, make } from '../../examples/web/shared/dom.ts';
import type { CheckpointName } from '../../scripts/lib/model-configs.mjs';
import { isDtype } from '../../src/speech/encoder/weight-dtype.ts';
import type { CaseChoice } from '../kernels/choice.ts';
import { DEFAULT_CHOICE } from './params.ts';

const OFFERED_MODELS: readonly CheckpointName[] = ['base', 'large'];
const OFFERED_SECONDS = [1, 5, 15, 30];
const OFFERED_ROUNDS = [
  { rounds: 5, label: 'Short: 5 rounds' },
  { rounds: 15, label: 'Thorough: 15 rounds' },
];

export class ChoiceForm {
  readonly #form = byId('choice', HTMLFormElement);
  readonly #fields = byId('fields', HTMLFieldSetElement);
  readonly #models = byId('models', HTMLElement);
  readonly #seconds = byId('seconds', HTMLElement);
  readonly #dtype = byId('dtype', HTMLSelectElement);
  readonly #variants = byId('variants', HTMLSelectElement);
  readonly #rounds = byId('rounds', HTMLSelectElement);
  readonly #kernel = byId('kernel', HTMLInputElement);
  /** What has no field: it comes from the address and stays. */
  #hidden: Pick<CaseChoice, 'limitMilliseconds' | 'clock'> = DEFAULT_CHOICE;

  constructor(onChange: () => void, onSubmit: () => void) {
    this.#form.addEventListener('change', onChange);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      onSubmit();
    });
  }

  set isEnabled(isEnabled: boolean) {
    this.#fields.disabled = !isEnabled;
  }

  write(choice: CaseChoice): void {
    const { models, seconds, dtype, chosenOnly, rounds, kernel } = choice;
    this.#hidden = choice;
    fillChecks(this.#models, 'models', OFFERED_MODELS, models, (size) => size);
    fillChecks(this.#seconds, 'seconds', OFFERED_SECONDS, seconds, (length) => `${length} s`);
    this.#dtype.value = dtype;
    this.#variants.value = chosenOnly ? 'chosen' : 'all';
    const isOffered = OFFERED_ROUNDS.some((offer) => offer.rounds === rounds);
    const offers = isOffered ? OFFERED_ROUNDS : [...OFFERED_ROUNDS, { rounds, label: `${rounds} rounds` }];
    this.#rounds.replaceChildren(
      ...offers.map((offer) => new Option(offer.label, String(offer.rounds), false, offer.rounds === rounds)),
    );
    this.#kernel.value = kernel;
  }

  /** Where the visitor left a list empty it is as in `DEFAULT_CHOICE`. */
  read(): CaseChoice {
    const models = checkedValues(this.#models) as readonly CheckpointName[];
    const seconds = checkedValues(this.#seconds).map(Number);
    const { value: dtype } = this.#dtype;
    const { models: usualModels, seconds: usualSeconds, dtype: usualDtype } = DEFAULT_CHOICE;
    return {
      ...this.#hidden,
      models: models.length > 0 ? models : usualModels,
      seconds: seconds.length > 0 ? seconds : usualSeconds,
      dtype: isDtype(dtype) ? dtype : usualDtype,
      kernel: this.#kernel.value.trim(),
      chosenOnly: this.#variants.value === 'chosen',
      rounds: Number(this.#rounds.value),
    };
  }
}

/** A check box a value; values that are checked but not offered come last. */
function fillChecks<T extends string | number>(
  place: HTMLElement,
  name: string,
  offered: readonly T[],
  checked: readonly T[],
  labelOf: (value: T) => string,
): void {
  const values = [...offered, ...checked.filter((value) => !offered.includes(value))];
  place.replaceChildren(
    ...values.map((value) => {
      const box = make('input', {
        type: 'checkbox',
        name,
        value: String(value),
        checked: checked.includes(value),
      });
      return make('label', { className: 'check' }, box, labelOf(value));
    }),
  );
}

const checkedValues = (place: HTMLElement): readonly string[] =>
  [...place.querySelectorAll<HTMLInputElement>('input:checked')].map(({ value }) => value);
