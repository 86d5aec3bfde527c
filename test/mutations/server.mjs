/** Edits of `packages/server`. */
const BATCH = 'packages/server/test/batch/batch.server.test.ts';

export default [
  {
    name: 'output-outside-of-its-folder',
    file: 'packages/server/src/batch/batch-item.ts',
    find: ".filter((name) => name !== '..' && name !== '')",
    replace: '',
    why: 'A line of a manifest writes outside of the output folder.',
    tests: [BATCH],
  },
  {
    name: 'key-without-the-model',
    file: 'packages/server/src/batch/output-key.ts',
    find: 'JSON.stringify([content, model.digest, model.dtype,',
    replace: 'JSON.stringify([content, model.dtype,',
    why: 'Outputs of another model count as done.',
    tests: [BATCH],
  },
  {
    name: 'torn-output',
    file: 'packages/server/src/base/replace-file.ts',
    find: 'await rm(scratch, { force: true });\n    throw error;',
    replace: 'throw error;',
    why: 'What cannot be renamed into place is left behind.',
    tests: [BATCH],
  },
  {
    name: 'temporaries-of-other-hosts',
    file: 'packages/server/src/batch/output-file.ts',
    find: 'if (!entry.isFile() || TEMPORARY.exec(entry.name)?.[1] !== HOST) continue;',
    replace: 'if (!entry.isFile() || !TEMPORARY.test(entry.name)) continue;',
    why: 'A worker removes the file that another machine is writing.',
    tests: [BATCH],
  },
  {
    name: 'attempts-without-end',
    file: 'packages/server/src/batch/local-source.ts',
    find: '!isFinal && job.attempt < MAX_ATTEMPTS',
    replace: '!isFinal',
    why: 'A file that never works keeps the batch from ending.',
    tests: [BATCH],
  },
  {
    name: 'damaged-file-again',
    file: 'packages/server/src/batch/run-files.ts',
    find: "  'bad-audio',\n",
    replace: '',
    why: 'Damaged audio is tried three times.',
    tests: [BATCH],
  },
  {
    name: 'stopped-file-as-failed',
    file: 'packages/server/src/batch/run-files.ts',
    find: 'if (signal.aborted) return;',
    replace: '',
    why: 'What Ctrl-C interrupts is listed as failed.',
    tests: [BATCH],
  },
  {
    name: 'password-in-a-message',
    file: 'packages/server/src/batch/queue-address.ts',
    find: 'an address of ${scheme}',
    replace: '${address}',
    why: 'The password of a queue server is printed.',
    tests: [BATCH],
  },
];
