/** What encodes weights in fewer bits, loaded with the first of them: float32 is written as it is. */
import type { EncodedRows, encodeRows as encodeRowsNow } from '../../../kernels/encode-weights.ts';
import { loadPart } from '../../base/load-part.ts';

/** `encodeRows` of `kernels/encode-weights.ts`. @throws UniSpeechError `network` where its code is out of reach. */
export const encodeRows = async (...args: Parameters<typeof encodeRowsNow>): Promise<EncodedRows> =>
  (await loadPart(import('../../../kernels/encode-weights.ts'), 'encodes weights')).encodeRows(...args);
