/** Which of the served models a request means. Pure. */
import type { ServedModel } from '../engine/engine-pool.ts';
import { ApiError } from './api-error.ts';
import type { FormFields } from './form-fields.ts';
import { shown } from './form-fields.ts';
import type { FrontSettings } from './front-settings.ts';

export type ModelNames = Pick<FrontSettings, 'aliases' | 'modelForAnyName'>;

/** @throws ApiError `missing_required_parameter` without a name where several are served, `model_not_found`. */
export function chosenModel(
  fields: FormFields,
  models: readonly ServedModel[],
  names: ModelNames,
): ServedModel {
  const name = fields.one('model');
  const [only, ...others] = models;
  if (name === undefined) {
    if (only && others.length === 0) return only;
    throw new ApiError(
      'missing_required_parameter',
      `The form has no field "model", expected one of ${models.map(({ id }) => `"${id}"`).join(', ')}.`,
      { param: 'model' },
    );
  }
  return findModel(name, models, names);
}

/** @throws ApiError `model_not_found` */
export function findModel(name: string, models: readonly ServedModel[], names: ModelNames): ServedModel {
  const byId = (id: string | undefined): ServedModel | undefined => models.find((model) => model.id === id);
  const model = byId(name) ?? byId(names.aliases.get(name)) ?? byId(names.modelForAnyName);
  if (model) return model;
  throw new ApiError(
    'model_not_found',
    `The model ${shown(name)} is not served here, expected ${models.map(({ id }) => `"${id}"`).join(', ')}. GET /v1/models lists them.`,
    { param: 'model' },
  );
}

/** @throws ApiError `unsupported_language` where the model says which languages it knows, and this is none of them. */
export function checkedLanguage(fields: FormFields, model: ServedModel): string | undefined {
  const language = fields.one('language');
  if (language === undefined) return undefined;
  if (!/^[a-z]{2,3}(-[a-z0-9-]{1,32})?$/i.test(language)) {
    throw new ApiError(
      'invalid_value',
      `The field "language" is ${shown(language)}, expected a code such as "en".`,
      {
        param: 'language',
      },
    );
  }
  const known = model.facts?.languages ?? [];
  if (known.length === 0 || known.some((candidate) => isSameLanguage(candidate, language))) return language;
  throw new ApiError(
    'unsupported_language',
    `The model "${model.id}" does not know the language ${shown(language)}: it knows ${known.slice(0, 20).join(', ')}${known.length > 20 ? ' and more' : ''}.`,
    { param: 'language' },
  );
}

/** ISO 639-1 and -3 name a language alike: `en` and `eng` are one, as models and clients use either. */
function isSameLanguage(first: string, second: string): boolean {
  const [one, other] = [first, second].map((code) => {
    const [language = ''] = code.toLowerCase().split(/[-_]/);
    return /^[a-z]{2,3}$/.test(language) ? (LANGUAGE_NAMES.of(language) ?? language) : language;
  });
  return one === other;
}
const LANGUAGE_NAMES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });
