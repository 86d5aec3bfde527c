/** The choice in the address of the kernel suite's page. */
import { expect, test } from 'vitest';
import { formatCommand } from '../../bench/kernels/choice.ts';
import { DEFAULT_CHOICE, readParams, writeParams } from '../../bench/web/params.ts';

const read = (text: string) => readParams(new URLSearchParams(text));

test('an empty address is the usual choice, which needs no address', () => {
  expect(read('')).toEqual({ choice: DEFAULT_CHOICE, problems: [] });
  expect(String(writeParams(DEFAULT_CHOICE))).toBe('');
});

test('what is written is read again', () => {
  const choice = {
    models: ['large', 'tiny'],
    seconds: [1, 2.5],
    dtype: 'q4',
    kernel: 'layer qkv',
    chosenOnly: false,
    rounds: 3,
    limitMilliseconds: 500,
    clock: 'host',
  } as const;
  expect(read(String(writeParams(choice)))).toEqual({ choice, problems: [] });
  expect(formatCommand(choice)).toBe(
    'npm run bench -- kernels --models large,tiny --seconds 1,2.5 --dtype q4 --kernel layer qkv --rounds 3 --limit-ms 500 --clock host',
  );
});

test('variants are all or chosen, and nothing else', () => {
  expect(read('variants=all').choice.chosenOnly).toBe(false);
  expect(read('variants=chosen')).toEqual({ choice: DEFAULT_CHOICE, problems: [] });
  expect(read('variants=some')).toEqual({
    choice: DEFAULT_CHOICE,
    problems: ['variants=some in the address is not one of all, chosen.'],
  });
});

test('what is not understood is named and left as usual', () => {
  const { choice, problems } = read('models=huge&seconds=1,x&dtype=q3&rounds=-1&clock=sun');
  expect(choice).toEqual(DEFAULT_CHOICE);
  expect(problems).toEqual([
    expect.stringMatching(/^models=huge in the address is not of tiny, deep, base, large/),
    expect.stringMatching(/^seconds=1,x/),
    expect.stringMatching(/^dtype=q3/),
    expect.stringMatching(/^rounds=-1/),
    expect.stringMatching(/^clock=sun/),
  ]);
});
