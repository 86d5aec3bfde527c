/** Shapes of what is drawn for a batch. */
import { isCount, isListOf } from '../base/checks.ts';
import { badOption } from '../base/option-checks.ts';

/** More indices in one tensor are a mistake: these are 1 GiB. */
export const MAX_INDEX_COUNT = 2 ** 28;
/** Four days of frames. What is drawn for them takes some hundred bytes a frame. */
const MAX_FRAME_COUNT = 2 ** 24;

/** @throws UniSpeechError `bad-option` for anything but [batch, frames]. */
export function batchShape(name: string, shape: unknown): readonly [batch: number, frames: number] {
  if (isListOf(shape, isCount) && shape.length === 2) {
    const [batch = 0, frames = 0] = shape;
    if (batch > 0 && frames > 0 && batch * frames <= MAX_FRAME_COUNT) return [batch, frames];
  }
  throw badOption(
    name,
    shape,
    `[batch, frames], two whole numbers of at least 1 with a product of at most ${MAX_FRAME_COUNT}`,
  );
}
