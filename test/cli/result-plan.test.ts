/** Which results belong to which files, what is skipped, and what is said about it. */
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { planResults, unfinishedJobs } from '../../src/cli/result-plan.ts';
import { duration, endingLine, leftAloneLines, progressLine, summaryLine } from '../../src/cli/run-status.ts';
import { RunTally } from '../../src/cli/run-tally.ts';
import { StatusLine } from '../../src/cli/status-line.ts';

const named = (file: string, name = file) => ({ file, name });
const out = (...parts: readonly string[]): string => path.join('out', ...parts);

describe('planResults', () => {
  test('folders are mirrored, and endings stay, so that files of one name do not collide', () => {
    const audio = [named('in/a/x.mp3', 'a/x.mp3'), named('in/a/x.wav', 'a/x.wav')];
    expect(planResults(audio, ['txt', 'srt'], 'out', false)).toEqual([
      {
        file: 'in/a/x.mp3',
        results: [
          { format: 'txt', path: out('a', 'x.mp3.txt') },
          { format: 'srt', path: out('a', 'x.mp3.srt') },
        ],
      },
      {
        file: 'in/a/x.wav',
        results: [
          { format: 'txt', path: out('a', 'x.wav.txt') },
          { format: 'srt', path: out('a', 'x.wav.srt') },
        ],
      },
    ]);
  });

  test('endings are those that other programs know, and no two formats share one', () => {
    const formats = ['txt', 'textgrid', 'ctm', 'audacity'] as const;
    const [job] = planResults([named('x.wav')], formats, 'out', false);
    expect(job?.results.map((result) => result.path)).toEqual(
      ['txt', 'TextGrid', 'ctm', 'labels.txt'].map((ending) => out(`x.wav.${ending}`)),
    );
  });

  test('two files with the same results are an error, one file twice is not', () => {
    const twice = [named('one/x.mp3', 'x.mp3'), named('two/x.mp3', 'x.mp3')];
    expect(() => planResults(twice, ['txt'], 'out', false)).toThrow(
      `The results of one/x.mp3 and of two/x.mp3 would have the same name, ${out('x.mp3')}. Transcribe them one after the other, with two --out folders.`,
    );
    const signed = ['1', '2'].map((id) => named(`https://u:p@h.org/x?id=${id}&token=secret`, 'x'));
    expect(() => planResults(signed, ['txt'], 'out', false)).toThrow(
      'The results of https://h.org/x and of https://h.org/x would have the same name',
    );
    const same = [named('one/x.mp3', 'x.mp3'), named('./one/x.mp3', 'x.mp3')];
    expect(planResults(same, ['txt'], 'out', false)).toHaveLength(1);
    const cases = [named('in/A.wav', 'A.wav'), named('in/a.wav', 'a.wav')];
    expect(planResults(cases, ['txt'], 'out', false)).toHaveLength(2);
    expect(() => planResults(cases, ['txt'], 'out', true)).toThrow('would have the same name');
  });
});

describe('unfinishedJobs', () => {
  const jobs = planResults([named('a.wav'), named('b.wav'), named('c.wav')], ['txt', 'srt'], 'out', false);
  const existing = new Set([out('a.wav.txt'), out('a.wav.srt'), out('b.wav.txt')]);

  test('a file is skipped if all its results are there', () => {
    expect(unfinishedJobs(jobs, existing, true).map(({ file }) => file)).toEqual(['b.wav', 'c.wav']);
    expect(unfinishedJobs(jobs, new Set(), false)).toEqual(jobs);
  });

  test('without --resume nothing may be there', () => {
    expect(() => unfinishedJobs(jobs, existing, false)).toThrow(
      `${out('a.wav.txt')} exists already, and so do 2 others; nothing is written over. Add --resume`,
    );
  });
});

describe('what is said', () => {
  const status = {
    fileCount: 340,
    transcribedCount: 10,
    failedCount: 2,
    audioSeconds: 1880,
    elapsedSeconds: 20,
    secondsLeft: 180,
  };

  test('how far it is, with the rate and the time that is left', () => {
    expect(progressLine(status)).toBe(
      '12 of 340 files, 2 failed, 31:20 min of audio, 94 × real time, 3:00 min left',
    );
    const start = { ...status, transcribedCount: 0, failedCount: 0, audioSeconds: 0, secondsLeft: undefined };
    expect(progressLine({ ...start, fileCount: 1, elapsedSeconds: 0 })).toBe(
      '0 of 1 file, 0.0 s of audio, 0.0 × real time',
    );
    expect([7.25, 9.97, 59.4, 59.6, 247, 3599.7, 36061].map(duration)).toEqual([
      '7.3 s',
      '10 s',
      '59 s',
      '1:00 min',
      '4:07 min',
      '1:00:00 h',
      '10:01:01 h',
    ]);
  });

  test('an early end: only an interruption says that the same command goes on', () => {
    expect(endingLine(status, true)).toBe(
      'Interrupted: 10 of 340 files transcribed. With --resume the same command goes on.',
    );
    expect(endingLine(status, false)).toBe('Stopped: 10 of 340 files transcribed.');
  });

  test('the summary', () => {
    expect(summaryLine(status, 5)).toBe(
      '10 files transcribed, 5 skipped, 2 failed: 31:20 min of audio in 20 s, 94 × real time.',
    );
    expect(summaryLine({ ...status, transcribedCount: 0, failedCount: 0 }, 3)).toBe(
      '0 files transcribed, 3 skipped, 0 failed.',
    );
    expect(
      leftAloneLines({ audio: [], failures: [], otherFiles: ['a.txt'], unopenedFolders: ['x', 'y'] }),
    ).toEqual([
      '1 file of other kinds left alone: a.txt.',
      '2 folders in folders left alone (--recursive takes them): x, y.',
    ]);
  });

  test('the time that is left is that of the bytes, also within a file, without those that failed', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const tally = new RunTally([100, 300, 100]);
    expect(tally.status).toMatchObject({ elapsedSeconds: 0, secondsLeft: undefined });
    tally.start();
    vi.advanceTimersByTime(10_000);
    tally.fail(0);
    expect(tally.status).toMatchObject({ failedCount: 1, secondsLeft: undefined });
    tally.advance(1, 30, 90);
    expect(tally.status).toMatchObject({ audioSeconds: 30, elapsedSeconds: 10, secondsLeft: 30 });
    tally.end(1, 90);
    expect(tally.status).toMatchObject({ audioSeconds: 90, transcribedCount: 1, fileCount: 3 });
    expect(tally.status.secondsLeft).toBeCloseTo(10 / 3);
    const unsized = new RunTally([0, 0, 0]);
    unsized.start();
    vi.advanceTimersByTime(4000);
    unsized.end(0, 9);
    expect(unsized.status).toMatchObject({ secondsLeft: 8, audioSeconds: 9 });
    vi.useRealTimers();
  });

  test('a line on a terminal is redrawn below what is said meanwhile; elsewhere there is none', () => {
    let text = '';
    const write = (part: string): void => void (text += part);
    const line = new StatusLine({ isTTY: true, columns: 6, write });
    line.show('1 of 30');
    line.say('no');
    line.clear();
    const clear = '\r\u001b[2K';
    expect(text).toBe(`${clear}1 of ${clear}no\n1 of ${clear}`);
    text = '';
    const hidden = new StatusLine({ write });
    hidden.show('1 of 30');
    hidden.say('no');
    hidden.clear();
    expect(text).toBe('no\n');
  });
});
