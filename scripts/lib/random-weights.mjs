/**
 * Seeded random weights and inputs: the same numbers on every machine, and the same as those of
 * `test/reference/` (recipe in its `reference_weights.py`). Names here have no prefix of their family.
 */

/** Uniform in [-0.5, 0.5), from two integers. */
function mix(i, j) {
  let hash = Math.imul(i + 1, 2654435761) ^ Math.imul(j + 1, 40503);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x45d9f3b);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32 - 0.5;
}

/** FNV-1a of the UTF-8 bytes. */
function fnv(name) {
  let hash = 2166136261;
  for (const byte of Buffer.from(name)) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}

/** An element is `offset + scale * u`, with u uniform in [-0.5, 0.5). */
function distribution(name, shape) {
  const lastPart = name.slice(name.lastIndexOf('.') + 1);
  if (lastPart === 'bias') return { offset: 0, scale: 0.2 };
  // A variance is above 0, as the weights of norms are.
  if (lastPart === 'running_var' || (lastPart === 'weight' && name.includes('norm.')))
    return { offset: 1, scale: 0.4 };
  if (lastPart === 'weight_g') return { offset: 1, scale: 0.5 };
  if (shape.length >= 2 && lastPart !== 'codevectors') {
    // A variance of 1 / fan-in keeps activations of the order of 1 through any number of layers.
    return { offset: 0, scale: 2 * Math.sqrt(3 / shape.slice(1).reduce((a, b) => a * b, 1)) };
  }
  return { offset: 0, scale: 1 };
}

/**
 * Fills `target` with the elements of a tensor from `elementOffset` on.
 * @param {string} name
 * @param {readonly number[]} shape
 * @param {Float32Array} target
 * @param {number} [elementOffset]
 */
export function fillTensor(name, shape, target, elementOffset = 0) {
  const seed = fnv(name);
  const { offset, scale } = distribution(name, shape);
  for (let i = 0; i < target.length; i++) target[i] = offset + scale * mix(elementOffset + i, seed);
}

/** The samples of one item of an input batch. */
export function inputSamples(batchItem, sampleCount) {
  return Float32Array.from({ length: sampleCount }, (_, i) => 2 * mix(i, 1000 + batchItem));
}
