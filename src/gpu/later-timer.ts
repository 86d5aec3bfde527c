/** The timer of steps, loaded with the first run that is timed. */
import { loadPart } from '../base/load-part.ts';
import type { StepTimer } from './step-timer.ts';

/** `StepTimer.create`. @throws UniSpeechError `network` where its code is out of reach. */
export const createStepTimer = async (device: GPUDevice, stepCount: number): Promise<StepTimer | undefined> =>
  (await loadPart(import('./step-timer.ts'), 'times kernels')).StepTimer.create(device, stepCount);
