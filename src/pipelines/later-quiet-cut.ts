/** What joins pieces where it is quiet, loaded with the first clip that is cut: clips of one piece never load it. */
import { loadPart } from '../base/load-part.ts';
import type { QuietCut } from './quiet-cut.ts';

/** @throws UniSpeechError `network` where its code is out of reach. */
export const loadQuietCut = async (): Promise<QuietCut> =>
  (await loadPart(import('./quiet-cut.ts'), 'joins pieces of clips')).quietCut;
