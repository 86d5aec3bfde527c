/** Which files of results belong to which audio, and for which the work is still to be done. Pure. */
import path from 'node:path';
import { UniSpeechError } from '../base/errors.ts';
import { shownLocation } from '../base/shown-location.ts';
import type { ListedAudio } from './audio-listing.ts';
import { endingOf, type TranscriptFormat } from './transcript.ts';

export interface ResultFile {
  readonly format: TranscriptFormat;
  readonly path: string;
}

/** A file of audio, and what is made of it. */
export interface TranscriptionJob {
  readonly file: string;
  readonly results: readonly ResultFile[];
}

/**
 * The results of `sub/talk.mp3` are `OUT/sub/talk.mp3.txt` and so on. The ending stays, so that `talk.mp3` and `talk.wav` have results of
 * their own, and no result is ever taken for that of another file.
 * @param ignoresCase whether the file system takes `A.mp3` and `a.mp3` for one name.
 * @throws UniSpeechError `bad-option` if two files had the same results.
 */
export function planResults(
  audio: readonly ListedAudio[],
  formats: readonly TranscriptFormat[],
  outFolder: string,
  ignoresCase: boolean,
): readonly TranscriptionJob[] {
  const jobs = new Map<string, TranscriptionJob>();
  for (const { file, name } of audio) {
    const start = path.join(outFolder, ...name.split('/'));
    const key = ignoresCase ? start.normalize().toLowerCase() : start;
    const other = jobs.get(key);
    // The same file twice, such as a folder and a file in it.
    if (other !== undefined && path.resolve(other.file) === path.resolve(file)) continue;
    if (other !== undefined)
      throw new UniSpeechError(
        'bad-option',
        `The results of ${shownLocation(other.file)} and of ${shownLocation(file)} would have the same name, ${start}.`,
        'Transcribe them one after the other, with two --out folders.',
      );
    const results = formats.map((format) => ({ format, path: `${start}.${endingOf(format)}` }));
    jobs.set(key, { file, results });
  }
  return [...jobs.values()];
}

/**
 * The jobs that have work left. What is there is only skipped where all results of a file are.
 * @param existing paths of results that exist.
 * @throws UniSpeechError `bad-option` if there are some, but a run is not to be resumed.
 */
export function unfinishedJobs(
  jobs: readonly TranscriptionJob[],
  existing: ReadonlySet<string>,
  isResumed: boolean,
): readonly TranscriptionJob[] {
  const [first, ...others] = existing;
  if (first !== undefined && !isResumed) {
    const more = others.length === 0 ? '' : `, and so do ${others.length} others`;
    throw new UniSpeechError(
      'bad-option',
      `${first} exists already${more}; nothing is written over.`,
      'Add --resume to skip the files that have their results, or give another --out folder.',
    );
  }
  return jobs.filter(({ results }) => !results.every((result) => existing.has(result.path)));
}
