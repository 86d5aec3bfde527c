/** Known answers of kernels that few models use. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { SeededRandom } from '../src/base/seeded-random.ts';
import type { AttentionGatesSpec } from './attention-gates.ts';
import type { CountCodesSpec, GatherCodesSpec } from './codebook.ts';
import type { FrameMeanSpec } from './frame-mean.ts';
import type { FrameStatisticsSpec } from './frame-statistics.ts';
import type { PoolFramesSpec, UnfoldFramesSpec } from './frame-windows.ts';
import { attentionGatesCase, attentionGatesData } from './reference/attention-gates.ts';
import { countCodesCase, gatherCodesCase, randomCodes } from './reference/codebook.ts';
import { frameMeanCase, frameMeanData } from './reference/frame-mean.ts';
import { frameStatisticsCase } from './reference/frame-statistics.ts';
import { poolFramesCase, unfoldFramesCase, unpoolFramesCase } from './reference/frame-windows.ts';
import { gluCase } from './reference/glu.ts';
import { SEED, type KernelCase } from './reference/kernel-case.ts';
import type { RareRecipe } from './recipes.ts';

/** Slices of heads that begin at every place of a vec4. */
const ATTENTION_GATES: AttentionGatesSpec = { rows: 19, heads: 5, headSize: 11 };
/** More frames than threads. */
const FRAME_MEAN: FrameMeanSpec = { items: 3, frames: 67, channels: 9, weightIndex: 2, hasTotal: true };
const UNFOLD_FRAMES: UnfoldFramesSpec = {
  items: 2,
  frames: 19,
  outFrames: 7,
  channels: 6,
  kernel: 3,
  stride: 2,
  dilation: 3,
};
/** A frame that is left over. */
const POOL_FRAMES: PoolFramesSpec = { items: 2, frames: 15, outFrames: 7, channels: 6, size: 2 };
const UNPOOL_FRAMES: PoolFramesSpec = { items: 2, frames: 3, outFrames: 11, channels: 5, size: 3 };
/** More frames than threads. */
const FRAME_STATISTICS: FrameStatisticsSpec = { items: 3, frames: 67, channels: 9 };
const GLU = { rows: 17, channels: 13 };
/** More codes and rows than threads. */
const CODEBOOK: GatherCodesSpec & CountCodesSpec = {
  rows: 67,
  groups: 3,
  codes: 65,
  size: 5,
  hasCounted: true,
};

/** Equal recipes give equal cases. */
export function rareAnswer(recipe: RareRecipe, capabilities: GpuCapabilities): KernelCase {
  const random = new SeededRandom(SEED);
  switch (recipe.kind) {
    case 'attention_gates': {
      const data = attentionGatesData(ATTENTION_GATES, random);
      return attentionGatesCase(ATTENTION_GATES, data, capabilities);
    }
    case 'gather_codes': {
      const { groups, codes, size } = CODEBOOK;
      const vectors = random.normals(groups * codes * size);
      return gatherCodesCase(CODEBOOK, randomCodes(CODEBOOK, random), vectors, capabilities);
    }
    case 'count_codes': {
      const counted = Uint32Array.from({ length: CODEBOOK.rows }, (_, row) => row % 3);
      return countCodesCase(CODEBOOK, randomCodes(CODEBOOK, random), counted, capabilities);
    }
    case 'unfold_frames':
      return unfoldFramesCase(UNFOLD_FRAMES, random.normals(2 * 19 * 8), capabilities);
    case 'pool_frames':
      return poolFramesCase(POOL_FRAMES, random.normals(2 * 15 * 8), capabilities);
    case 'unpool_frames':
      return unpoolFramesCase(UNPOOL_FRAMES, random.normals(2 * 3 * 16), capabilities);
    case 'glu':
      return gluCase(GLU, random.normals(17 * 28), capabilities);
    case 'frame_statistics': {
      const x = random.normals(3 * 67 * 12, 1);
      return frameStatisticsCase(FRAME_STATISTICS, x, Uint32Array.of(67, 2, 65), capabilities);
    }
    case 'frame_mean':
      return frameMeanCase(FRAME_MEAN, frameMeanData(FRAME_MEAN, [67, 1, 65], random, 1), capabilities);
  }
}
