/** What loads the weights of a language, loaded with the first language that a caller asks for. */
import { loadPart } from '../../base/load-part.ts';
import type { LoadLanguage } from './language-options.ts';
import type { OpenLanguage, openLanguage as openLanguageNow } from './language.ts';
import type { languageLoader as languageLoaderNow } from './load-language.ts';

/** `openLanguage` of `language.ts`. @throws UniSpeechError `network` where its code is out of reach. */
export const openLanguage = async (...args: Parameters<typeof openLanguageNow>): Promise<OpenLanguage> =>
  (await loadPart(import('./language.ts'), 'loads languages')).openLanguage(...args);

/** `languageLoader` of `load-language.ts`, which its first call loads. */
export const languageLoader =
  (...args: Parameters<typeof languageLoaderNow>): LoadLanguage =>
  async (...change) =>
    (await loadPart(import('./load-language.ts'), 'loads languages')).languageLoader(...args)(...change);
