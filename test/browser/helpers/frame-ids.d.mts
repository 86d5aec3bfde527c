import type * as Engine from '../../../src/index.ts';

export interface FrameIds {
  readonly clip: string;
  readonly text: string;
  readonly ids: readonly number[];
}

export function frameIds(
  engine: Pick<typeof Engine, 'pipeline'>,
  locate: (name: string) => string,
  clips: readonly string[],
): Promise<FrameIds[]>;
