/** Known answers as models need them: those of rare kernels, of weights with fewer bits and of position biases are loaded with the first such kernel. */
import { loadPart } from '../src/base/load-part.ts';
import type { GpuCapabilities } from '../src/gpu/capabilities.ts';
import { commonAnswer } from './known-answers.ts';
import { type CommonRecipe, isCommon, type Recipe } from './recipes.ts';
import type { KernelCase } from './reference/kernel-case.ts';

const isPlain = (recipe: CommonRecipe): boolean =>
  (!('weights' in recipe) || recipe.weights === 'f32') && (!('bias' in recipe) || recipe.bias === undefined);

/** `knownAnswer` of `answers.ts`. @throws UniSpeechError `network` where its code is out of reach. */
export const loadAnswer = async (recipe: Recipe, capabilities: GpuCapabilities): Promise<KernelCase> =>
  isCommon(recipe) && isPlain(recipe)
    ? commonAnswer(recipe, capabilities)
    : (await loadPart(import('./answers.ts'), 'checks kernels')).knownAnswer(recipe, capabilities);
