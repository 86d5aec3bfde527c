/** Edits of `src/gpu`. */
export default [
  {
    name: 'submit-budget',
    file: 'src/gpu/submit-pace.ts',
    find: 'if (sum > budget) break;',
    replace: 'if (sum >= budget) break;',
    why: 'Submits are cut one step too early.',
    tests: ['test/graph/submit-pace.test.ts'],
  },
  {
    name: 'submit-pace-rises',
    file: 'src/gpu/submit-pace.ts',
    find: 'if (fitting > this.#budget || milliseconds > TOLERATED_MS)',
    replace: 'if (milliseconds > TOLERATED_MS)',
    why: 'A fast GPU gets tiny submits for ever.',
    tests: ['test/graph/submit-pace.test.ts'],
  },
  {
    name: 'bytes-are-work',
    file: 'src/gpu/submit-pace.ts',
    find: 'flops + OPERATIONS_A_BYTE * byteCount',
    replace: 'flops',
    why: 'Steps that only move memory count as free, and submits of them freeze the screen.',
    tests: ['test/graph/submit-pace.test.ts'],
  },
  {
    name: 'subgroups-of-varying-width',
    file: 'src/gpu/capabilities.ts',
    find: 'info.subgroupMinSize === info.subgroupMaxSize && info.subgroupMinSize > 0',
    replace: 'info.subgroupMinSize > 0',
    why: 'Subgroup kernels run on adapters whose width varies, and compute wrongly there.',
    tests: ['test/gpu/capabilities.test.ts'],
  },
  {
    name: 'trust-after-a-lost-device',
    file: 'src/gpu/kernel-trust.ts',
    find: 'testing.catch(() => this.#faults.delete(kernel.source));',
    replace: 'testing.catch(() => undefined);',
    why: 'A kernel whose test could not be made, since the device was lost, can never be used again.',
    tests: ['test/gpu/kernel-trust.test.ts'],
  },
];
