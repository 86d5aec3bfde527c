/** Edits of `packages/server/src/engine`. */
const tests = ['packages/server/test/engine/pool.server.test.ts'];

export default [
  {
    name: 'killer-tried-again',
    file: 'packages/server/src/engine/device-engine.ts',
    find: 'this.#hooks.onCrash(suspect, error);',
    replace: 'void error;',
    why: 'A clip that kills its engine is tried again and again.',
    tests,
  },
  {
    name: 'parts-twice',
    file: 'packages/server/src/engine/pool-job.ts',
    find: 'const text = part.text.slice(Math.max(0, given.text - start));',
    replace: 'const { text } = part;',
    why: 'After a crash a client gets the beginning of its text twice.',
    tests,
  },
  {
    name: 'prepared-clips-left',
    file: 'packages/server/src/engine/create-pool.ts',
    find: 'if (job.sound) void this.#decoding.remove(job.sound.file);',
    replace: '',
    why: 'Prepared clips fill the disk.',
    tests,
  },
  {
    name: 'no-bound-of-waiting',
    file: 'packages/server/src/engine/admission.ts',
    find: 'if (waitSeconds < queueSeconds && spoolBytes < maxSpoolBytes) return;',
    replace: 'if (spoolBytes < maxSpoolBytes) return;',
    why: 'A server takes what it cannot serve in time.',
    tests,
  },
  {
    name: 'engine-outlives-idle',
    file: 'packages/server/src/engine/device-engine.ts',
    find: 'if (keepAliveMilliseconds < 0 ||',
    replace: 'if (keepAliveMilliseconds >= 0 ||',
    why: 'An idle server keeps the memory of the device.',
    tests,
  },
];
