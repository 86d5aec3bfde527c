/** The fields of a page that choose its model: the one beside it, or another by its location, and the precision of its weights. */
import { BUNDLED_MODEL, DTYPES, fillSelect, type ModelDtype } from './catalog.ts';
import { byId } from './dom.ts';

export interface ModelChoice {
  readonly location: string;
  readonly dtype: ModelDtype;
}

const OTHER_MODEL = 'other';

export class ModelField {
  readonly select = byId('model', HTMLSelectElement);
  readonly location = byId('location', HTMLInputElement);
  readonly dtype = byId('dtype', HTMLSelectElement);

  constructor() {
    fillSelect(this.select, [BUNDLED_MODEL, { value: OTHER_MODEL, label: 'Another model …' }]);
    fillSelect(this.dtype, DTYPES);
  }

  /** Whether it is not the model beside the page. */
  get isOther(): boolean {
    return this.select.value === OTHER_MODEL;
  }

  chooseOther(): void {
    this.select.value = OTHER_MODEL;
    this.location.value = '';
  }

  /**
   * @param folder the location of a folder that was dropped or chosen.
   * @throws Error when the user chose another model and did not say which.
   */
  choice(folder?: string): ModelChoice {
    const dtype = DTYPES.find(({ value }) => value === this.dtype.value)?.value ?? 'auto';
    if (!this.isOther) return { location: BUNDLED_MODEL.url, dtype };
    const location = folder ?? this.location.value.trim();
    if (location !== '') return { location, dtype };
    this.location.focus();
    throw new Error('No model is named: type its URL or Hugging Face id, or choose the one of this page.');
  }
}
