/** What measures confidences, loaded with the first call that asks for some. A file of its own, so that no other code comes with the chunk that loads it. */
import { loadPart } from '../base/load-part.ts';
import type { ConfidenceScorer } from './decoder.ts';
import type { ConfidenceSettings } from './frame-scorer.ts';

/** @throws UniSpeechError `network` where its code is out of reach. */
export const scorerFor = async (settings: ConfidenceSettings): Promise<ConfidenceScorer> =>
  new (await loadPart(import('./frame-scorer.ts'), 'measures confidences')).FrameScorer(settings);
