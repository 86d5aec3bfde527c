/** The known answer of any planned kernel. */
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { commonAnswer } from './known-answers.ts';
import { rareAnswer } from './rare-answers.ts';
import { isCommon, type Recipe } from './recipes.ts';
import { inFormat } from './reference/encoded-weights.ts';
import type { KernelCase } from './reference/kernel-case.ts';
import { withBias } from './reference/position-bias.ts';

const RARE_DATA = { inFormat, withBias };

/** Equal recipes give equal cases. */
export const knownAnswer = (recipe: Recipe, capabilities: GpuCapabilities): KernelCase =>
  isCommon(recipe) ? commonAnswer(recipe, capabilities, RARE_DATA) : rareAnswer(recipe, capabilities);
