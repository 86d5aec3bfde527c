/** `unispeech score`: files of utterances, and what is printed about them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { score } from '../../src/cli/score.ts';
import { parseCommand } from '../../src/cli/usage.ts';
import { paired, utterancesOf } from '../../src/cli/utterance-lines.ts';

const { signal } = new AbortController();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'score-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function run(
  reference: string | Uint8Array,
  hypothesis: string,
  ...options: readonly string[]
): Promise<string> {
  const files = ['ref.txt', 'hyp.txt'].map((name) => path.join(folder, name));
  writeFileSync(files[0] ?? '', reference);
  writeFileSync(files[1] ?? '', hypothesis);
  const command = parseCommand(['score', ...files, ...options]);
  if (command.name !== 'score') throw new Error('no score');
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await score(command, signal)).toBe(0);
  return written.mock.calls.map(([text]) => String(text)).join('');
}

describe('score', () => {
  test('an utterance a line: rates and counts', async () => {
    expect(await run('\ufeffthe cat sat\r\na b\r\n', 'the cat\na c\n')).toBe(
      'WER 40.00 %  MER 40.00 %  WIL 55.00 %  WIP 45.00 %\n' +
        '1 substituted, 1 deleted, 0 inserted, 3 right, of 5 words in 2 utterances\n',
    );
    vi.restoreAllMocks();
    expect(await run('ab', 'a b', '--unit', 'char')).toMatch(
      /^CER 50\.00 % .*\n.* of 2 characters in 1 utterance\n$/,
    );
    vi.restoreAllMocks();
    expect(await run('ab', 'a')).toMatch(/, of 1 word in 1 utterance\n$/);
    vi.restoreAllMocks();
    expect(await run('a b', 'a c', '--unit', 'phoneme')).toMatch(/^PER 50\.00 % .*\n.* of 2 phonemes in 1 /);
  });

  test('named utterances in any order, with their alignments', async () => {
    const text = await run('u1 a b\nu2\tc\n\n', 'u2 c d\nu1  a x', '--keyed', '--show', 'alignment');
    expect(text).toBe(
      'u1\nREF: a b\nHYP: a x\n       S\n\nu2\nREF: c *\nHYP: c d\n       I\n\n' +
        'WER 66.67 %  MER 50.00 %  WIL 66.67 %  WIP 33.33 %\n' +
        '1 substituted, 0 deleted, 1 inserted, 2 right, of 3 words in 2 utterances\n',
    );
  });

  test('JSON, with alignments if they are asked for', async () => {
    const counts = {
      unit: 'word',
      error_rate: 0.5,
      hits: 1,
      deletions: 1,
      utterances: 1,
      reference_length: 2,
    };
    const plain = JSON.parse(await run('a b', 'a', '--json')) as object;
    expect(plain).toMatchObject({ ...counts, hypothesis_length: 1 });
    expect(plain).not.toHaveProperty('alignments');
    vi.restoreAllMocks();
    expect(JSON.parse(await run('a b', 'a', '--json', '--show=alignment'))).toMatchObject({
      ...counts,
      alignments: [
        { name: '1', reference: ['a', 'b'], hypothesis: ['a'], alignment: [{ type: 'equal' }, {}] },
      ],
    });
  });

  test('errors are no share of an empty reference, so they are counted', async () => {
    expect(await run('\n', 'a b\n')).toMatch(/^WER 2 insertions {2}MER 100\.00 % /);
    vi.restoreAllMocks();
    expect(await run('\n', 'a\n')).toMatch(/^WER 1 insertion {2}MER /);
  });

  test('nothing in a text is obeyed by a terminal', async () => {
    expect(await run('\u001b[1m', 'b', '--show', 'alignment')).toContain('REF: \\x1b[1m\n');
  });

  test('files that are not there, no text, or of different utterances are errors', async () => {
    const command = {
      ...parseCommand(['score', path.join(folder, 'no'), '-']),
      reference: path.join(folder, 'no'),
    };
    await expect(score({ ...command, hypothesis: path.join(folder, 'no') } as never, signal)).rejects.toThrow(
      /no cannot be read: ENOENT/,
    );
    await expect(run(Uint8Array.of(0xff, 0xfe), 'a')).rejects.toThrow(
      /ref\.txt is not text in UTF-8\. Convert it/,
    );
    await expect(run('a\nb', 'a')).rejects.toThrow(
      /ref\.txt has 2 utterances and .*hyp\.txt 1; .*hyp\.txt lacks utterance 2\./,
    );
    await expect(run('a', 'a\nb')).rejects.toThrow(/hyp\.txt has 2 utterances and .*ref\.txt 1; /);
    await expect(run('a b', 'c d', '--keyed')).rejects.toThrow(/ref\.txt has 1 utterance and .*hyp\.txt 1; /);
    await expect(run('a b\nc d', 'a b\ne d\nc d', '--keyed')).rejects.toThrow(/ref\.txt lacks utterance e\./);
  });
});

describe('utterances of a file', () => {
  test('an empty line is an utterance, the end of the last line is not', () => {
    expect(utterancesOf('f', 'a\n\nb\n', false).map(({ text }) => text)).toEqual(['a', '', 'b']);
    expect(utterancesOf('f', '', false)).toEqual([]);
  });

  test('of names: empty texts stay, names come once', () => {
    expect(utterancesOf('f', ' a  \n\nb c d', true)).toEqual([
      { name: 'a', text: '  ' },
      { name: 'b', text: ' c d' },
    ]);
    expect(() => utterancesOf('f', 'a b\na c', true)).toThrow('f has the utterance a twice');
  });

  test('ten thousand are paired at once, and white space costs no more than its length', () => {
    const text = Array.from({ length: 10_000 }, (_, index) => `u${index} ${' '.repeat(20)}a`).join('\n');
    const utterances = utterancesOf('f', text, true);
    expect(paired(['f', utterances], ['g', [...utterances].reverse()])).toEqual(utterances);
    expect(utterancesOf('f', ' '.repeat(300_000), true)).toEqual([]);
  });
});

test.each([
  [['score', 'a'], 'score needs two files, REF and HYP, found 1'],
  [['score', 'a', 'b', 'c'], 'score needs two files, REF and HYP, found 3'],
  [['score', '-', '-'], 'standard input can be read only once'],
  [['score', 'a', 'b', '--unit', 'letter'], '--unit is "letter", expected word, char, phoneme'],
  [['score', 'a', 'b', '--show', 'errors'], '--show is "errors", expected alignment'],
  [['score', 'a', 'b', '--model', 'm'], 'score has no option --model'],
])('refuses %j', (words, message) => {
  expect(() => parseCommand(words)).toThrow(message);
});
