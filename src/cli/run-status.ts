/** What is said of many files while they are transcribed, and at the end. Pure. */
import { counted } from '../base/counted.ts';
import { listNames } from '../checkpoint/names.ts';
import type { AudioListing } from './audio-listing.ts';

export interface RunStatus {
  readonly fileCount: number;
  readonly transcribedCount: number;
  readonly failedCount: number;
  /** Seconds of audio that are transcribed. */
  readonly audioSeconds: number;
  readonly elapsedSeconds: number;
  /** As the files that are done say; undefined before there are any. */
  readonly secondsLeft: number | undefined;
}

/** `7.2 s`, `45 s`, `4:07 min`, `1:05:00 h`. */
export function duration(seconds: number): string {
  if (seconds < 59.5) return `${shortNumber(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (count: number): string => String(count).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)} h` : `${minutes}:${two(whole % 60)} min`;
}

const shortNumber = (value: number): string => value.toFixed(value < 9.95 ? 1 : 0);

function rateOf({ audioSeconds, elapsedSeconds }: RunStatus): string {
  const rate = elapsedSeconds > 0 ? audioSeconds / elapsedSeconds : 0;
  return `${shortNumber(rate)} × real time`;
}

/** `12 of 340 files, 31:20 min of audio, 85 × real time, 3:10 min left`. */
export function progressLine(status: RunStatus): string {
  const { fileCount, transcribedCount, failedCount, audioSeconds, secondsLeft } = status;
  return [
    `${transcribedCount + failedCount} of ${counted(fileCount, 'file')}`,
    ...(failedCount > 0 ? [`${failedCount} failed`] : []),
    `${duration(audioSeconds)} of audio`,
    rateOf(status),
    ...(secondsLeft === undefined ? [] : [`${duration(secondsLeft)} left`]),
  ].join(', ');
}

/** @param skippedCount files whose results were there. */
export function summaryLine(status: RunStatus, skippedCount: number): string {
  const { transcribedCount, failedCount, audioSeconds, elapsedSeconds } = status;
  const counts = `${counted(transcribedCount, 'file')} transcribed, ${skippedCount} skipped, ${failedCount} failed`;
  if (transcribedCount === 0) return `${counts}.`;
  return `${counts}: ${duration(audioSeconds)} of audio in ${duration(elapsedSeconds)}, ${rateOf(status)}.`;
}

/** Of an end before all is done. The same command may fail in the same way where nobody interrupted it. */
export function endingLine({ fileCount, transcribedCount }: RunStatus, isInterrupted: boolean): string {
  const done = `${transcribedCount} of ${counted(fileCount, 'file')} transcribed.`;
  return isInterrupted ? `Interrupted: ${done} With --resume the same command goes on.` : `Stopped: ${done}`;
}

/** What was found in folders, and is not transcribed. */
export function leftAloneLines({ otherFiles, unopenedFolders }: AudioListing): readonly string[] {
  const { length: fileCount } = otherFiles;
  const { length: folderCount } = unopenedFolders;
  return [
    ...(fileCount > 0
      ? [`${counted(fileCount, 'file')} of other kinds left alone: ${listNames(otherFiles)}.`]
      : []),
    ...(folderCount > 0
      ? [
          `${counted(folderCount, 'folder')} in folders left alone (--recursive takes them): ${listNames(unopenedFolders)}.`,
        ]
      : []),
  ];
}
