/** What is found in folders, whatever is in them. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAudioName, listAudio, type ListingOptions } from '../../src/cli/audio-listing.ts';

let root: string;
const at = (name: string): string => path.join(root, name);
const make = (...names: readonly string[]): void => {
  for (const name of names) {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), name);
  }
};
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'listing-'));
  make('talks/b.MP3', 'talks/a.wav', 'talks/notes.txt', 'talks/._a.wav', 'talks/.git/c.wav');
  make('talks/2024/may/c.opus', 'talks/2024/d.mkv', 'talks/out/a.wav.txt', 'talks/out/e.wav');
  make('empty/readme', 'odd/new\nline.wav', 'odd/http:x.flac');
  symlinkSync('..', at('talks/2024/up'));
  symlinkSync('../other', at('talks/0-link'));
  symlinkSync('nowhere.wav', at('talks/gone.wav'));
  make('other/f.ogg');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const list = (given: readonly string[], options: Partial<ListingOptions> = {}) =>
  listAudio(given, { isRecursive: true, ...options }, new AbortController().signal);
const namesOf = ({ audio }: Awaited<ReturnType<typeof list>>) => audio.map(({ name }) => name);

test.each(['a.wav', 'A.WAV', 'a.b.mp3', 'a.m4a', 'a.webm', 'a.amr', 'a.wma', 'a.mkv', 'a.aiff', 'a.oga'])(
  '%s is a name of audio',
  (name) => expect(isAudioName(name)).toBe(true),
);
test.each(['wav', 'a.txt', 'a.wav.txt', 'a.mp5', 'a.json', 'a'])('%s is none', (name) =>
  expect(isAudioName(name)).toBe(false),
);

test('folders in folders, in the order of names; links come last, and circles of them end', async () => {
  const listing = await list([at('talks')], { outFolder: at('talks/out') });
  expect(namesOf(listing)).toEqual([
    ...['2024/d.mkv', '2024/may/c.opus', 'a.wav', 'b.MP3', 'gone.wav'],
    '0-link/f.ogg',
  ]);
  expect(listing.audio[0]?.file).toBe(at('talks/2024/d.mkv'));
  expect(listing).toMatchObject({
    otherFiles: [at('talks/notes.txt')],
    unopenedFolders: [],
    failures: [],
  });
});

test('without --recursive the folders in a folder are named instead', async () => {
  const listing = await list([at('talks')], { isRecursive: false });
  expect(namesOf(listing)).toEqual(['a.wav', 'b.MP3', 'gone.wav']);
  expect(listing.unopenedFolders).toEqual(['0-link', '2024', 'out'].map((name) => at(`talks/${name}`)));
});

test('results may lie beside the audio', async () => {
  expect(namesOf(await list([at('talks/out')], { outFolder: at('talks/out') }))).toEqual(['e.wav']);
});

test('what is given by name is taken whatever it is', async () => {
  const given = ['-', at('talks/notes.txt'), 'missing.x', 'https://u:p@h.org/x/talk.mp3?key=1'];
  const { audio } = await list(given);
  expect(audio.map(({ file }) => file)).toEqual(given);
  expect(audio.map(({ name }) => name)).toEqual(['stdin', 'notes.txt', 'missing.x', 'talk.mp3']);
});

test('names of dots lead out of no folder', async () => {
  const given = ['https://h.org/a/..', 'https://h.org/a/.?key=1', 'https://h.org/a\\..', ''];
  expect(namesOf(await list(given))).toEqual(given.map(() => 'audio'));
  expect(namesOf(await list(['https://h.org/a/..b']))).toEqual(['..b']);
});

test('an empty folder has nothing, and says what it has instead', async () => {
  expect(await list([at('empty')])).toMatchObject({ audio: [], otherFiles: [at('empty/readme')] });
});

test('odd names are no URLs', async () => {
  const listing = await list([path.relative('.', at('odd'))]);
  expect(namesOf(listing)).toEqual(['http:x.flac', 'new\nline.wav']);
  expect(path.resolve(listing.audio[0]?.file ?? '')).toBe(at('odd/http:x.flac'));
});

/** Root may read everything, so it gives that up for a moment. */
async function asUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  return work().finally(() => process.seteuid?.(0));
}

test.skipIf(process.platform === 'win32')(
  'a folder that cannot be read is one sentence, and the others are listed',
  async () => {
    make('mixed/closed/a.wav', 'mixed/open/b.wav');
    chmodSync(root, 0o755);
    chmodSync(at('mixed/closed'), 0);
    const listing = await asUser(() => list([at('mixed')]));
    chmodSync(at('mixed/closed'), 0o700);
    expect(namesOf(listing)).toEqual(['open/b.wav']);
    expect(listing.failures).toEqual([
      expect.stringMatching(/^The folder .*closed cannot be read: EACCES.*\.$/),
    ]);
  },
);

test('an abort ends it', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(listAudio([at('talks')], { isRecursive: true }, signal)).rejects.toThrow('enough');
});
