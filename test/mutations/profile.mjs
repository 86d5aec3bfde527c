/** Edits of `src/profile`. */
export default [
  {
    name: 'idle-adapter',
    file: 'src/profile/adapter-time.ts',
    find: 'end = Math.max(end, span.end);',
    replace: 'end = span.end;',
    why: 'Runs that overlap make the adapter look idle while it works.',
    tests: ['test/profile/profile.test.ts'],
  },
  {
    name: 'spans-without-overlaps',
    file: 'src/profile/gpu-spans.ts',
    find: 'const start = Math.max(free, step.startMilliseconds);',
    replace: 'const start = step.startMilliseconds;',
    why: 'Viewers cannot draw the track of the GPU.',
    tests: ['test/profile/profile.test.ts'],
  },
  {
    name: 'whole-nanoseconds',
    file: 'src/profile/trace-events.ts',
    find: 'Math.round((time - origin) * 1e6)',
    replace: 'Math.round(time * 1e6)',
    why: 'A trace begins with as much nothing as the program ran before.',
    tests: ['test/profile/profile.test.ts'],
  },
  {
    name: 'families-without-sizes',
    file: 'src/profile/kernel-shares.ts',
    find: String.raw`part.replace(/^subgroup\d+$/, 'subgroup')`,
    replace: 'part',
    why: 'One kernel appears under several names.',
    tests: ['test/profile/profile.test.ts'],
  },
];
