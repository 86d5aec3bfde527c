/** What engines of tests say of their model. */
import type { ModelFacts } from '../../src/engine/engine-pool.ts';

export const MODEL_FACTS: ModelFacts = {
  samplingRate: 16_000,
  units: 'words',
  languages: [],
  dtype: 'fp32',
  searches: false,
};
