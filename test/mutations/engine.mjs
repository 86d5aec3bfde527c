/** Edits of `packages/server/src/engine`. */
const tests = ['packages/server/test/engine/pool.server.test.ts'];
const restartTests = ['packages/server/test/engine/pool-restarts.server.test.ts'];

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
  {
    name: 'rests-while-it-loads',
    file: 'packages/server/src/engine/device-engine.ts',
    find: 'if (this.#jobs.size > 0 || this.#loading.size > 0) return;',
    replace: 'if (this.#jobs.size > 0) return;',
    why: 'An engine is stopped while it loads its second model.',
    tests: restartTests,
  },
  {
    name: 'deadline-of-what-runs',
    file: 'packages/server/src/engine/create-pool.ts',
    find: "if (job.stage !== 'running' && job.doneSeconds === 0)",
    replace: 'if (job.doneSeconds === 0)',
    why: 'An alignment that takes longer than the deadline of the queue is ended.',
    tests: restartTests,
  },
  {
    name: 'given-up-at-once',
    file: 'packages/server/src/engine/device-engine.ts',
    find: 'this.#isAway = true;\n    this.#process?.kill();',
    replace: 'this.#giveUp();\n    this.#process?.kill();',
    why: 'A device that is away for a moment costs every clip that waits.',
    tests: restartTests,
  },
];
