/** How much the tests on a GPU, in a browser and of the server try in this run. `scripts/test.mjs` sets it; without it everything is tried. */
const depth = process.env.UNISPEECH_TEST_DEPTH;

/** One reference model for each head: minutes between two commits. */
export const isQuick = depth === 'quick';

/** The longest cases, too. */
export const isFull = depth === 'full';

/** Long cases are left to `npm run test:all`. */
export const isShort = depth === 'short' || depth === 'first' || depth === 'second';

/** The adapter is the first of several, so what the second one tries may be left to it. */
export const isFirstOfSeveral = depth === 'first';

/**
 * The adapter is not the first one. Every kernel is tried on it, but in fewer combinations: compiling takes most of the time there,
 * and the first adapter has tried them all.
 */
export const isSecondAdapter = depth === 'second';
