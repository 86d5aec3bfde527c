/** The kept models of this browser, for the package's users. */
import { modelStorage as ofPlatform } from '#platform';
import type { ModelStorage } from '../../base/model-storage.ts';

export const modelStorage: ModelStorage = ofPlatform;
