/** Transcribes many files into files of results, each written whole, and shows how far that is. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../base/checks.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { SpeechRecognitionOutput } from '../pipelines/recognition-output.ts';
import type { EachResult } from '../pipelines/recognize-clips.ts';
import { audioOf, failureOf, openPipeline } from './audio-files.ts';
import type { ListedAudio } from './audio-listing.ts';
import { recognitionOptions, isOfPhonemes } from './recognition-call.ts';
import { pieceNote } from './piece-note.ts';
import { planResults, type TranscriptionJob, unfinishedJobs } from './result-plan.ts';
import { endingLine, progressLine, summaryLine } from './run-status.ts';
import { RunTally } from './run-tally.ts';
import { StatusLine } from './status-line.ts';
import type { TranscribeCommand } from './transcribe-command.ts';
import { formatTranscript, type TranscriptOptions } from './transcript.ts';
import { writeWholeFile } from './write-file.ts';

/** File systems that take `A` and `a` for one name, as they usually are. */
const IGNORES_CASE = process.platform === 'win32' || process.platform === 'darwin';

export interface FilesToTranscribe {
  readonly command: TranscribeCommand;
  readonly outFolder: string;
  readonly audio: readonly ListedAudio[];
}

type TextDetails = Omit<TranscriptOptions, 'format'>;

/**
 * A file that fails is reported on standard error, and the others go on. A summary comes last.
 * @returns the exit code. @throws UniSpeechError before any work if results are in the way; the signal's reason.
 */
export async function transcribeToFiles(
  { command, outFolder, audio }: FilesToTranscribe,
  signal: AbortSignal,
): Promise<number> {
  const { formats, isResumed, timestamps, karaoke } = command;
  const jobs = planResults(audio, formats, outFolder, IGNORES_CASE);
  const waiting = unfinishedJobs(jobs, await existingResults(jobs), isResumed);
  const run = new RunTally(await byteLengthsOf(waiting));
  const line = new StatusLine();
  const note = (text: string): void => line.say(`unispeech: ${text}`);
  const notePieces = pieceNote(command, note);
  const finish = async (result: EachResult<SpeechRecognitionOutput>, how: TextDetails): Promise<void> => {
    const job = waiting[result.index];
    if (job === undefined) return;
    try {
      if (result.output === undefined) throw result.error;
      notePieces(result.output.timing);
      await writeResults(job, result.output, how);
      run.end(result.index, result.output.timing?.audio_seconds ?? 0);
    } catch (error) {
      note(failureOf(job.file, error));
      run.fail(result.index);
    }
  };
  try {
    await makeFolder(outFolder);
    if (waiting.length > 0) {
      await using recognize = await openPipeline(
        'automatic-speech-recognition',
        command,
        signal,
        undefined,
        note,
      );
      const sources = waiting.map(({ file }) => audioOf(file, signal));
      const showStatus = (): void => line.show(progressLine(run.status));
      run.start();
      showStatus();
      const results = recognize.each(sources, {
        ...recognitionOptions(command, recognize, signal),
        ordered: false,
        progress_callback: ({ index, seconds, total_seconds: totalSeconds, chunk_length_s }) => {
          notePieces({ chunk_length_s });
          run.advance(index, seconds, totalSeconds);
          showStatus();
        },
      });
      const how = {
        hasTimes: timestamps !== undefined,
        nameWidth: 0,
        karaoke,
        isOfPhonemes: isOfPhonemes(recognize),
      };
      for await (const result of results) {
        await finish(result, how);
        showStatus();
      }
    }
  } catch (error) {
    line.clear();
    if (run.hasStarted) note(endingLine(run.status, signal.aborted));
    throw error;
  }
  line.clear();
  note(summaryLine(run.status, jobs.length - waiting.length));
  return run.status.failedCount > 0 ? 1 : 0;
}

/** Results that are there. */
async function existingResults(jobs: readonly TranscriptionJob[]): Promise<ReadonlySet<string>> {
  const existing = new Set<string>();
  for (const { results } of jobs) {
    for (const result of results) {
      const found = await stat(result.path).catch(() => undefined);
      if (found?.isFile()) existing.add(result.path);
    }
  }
  return existing;
}

/** Of standard input, URLs and what is missing: 0. */
async function byteLengthsOf(jobs: readonly TranscriptionJob[]): Promise<readonly number[]> {
  const byteLengths: number[] = [];
  for (const { file } of jobs) byteLengths.push((await stat(file).catch(() => undefined))?.size ?? 0);
  return byteLengths;
}

async function writeResults(
  { file, results }: TranscriptionJob,
  output: SpeechRecognitionOutput,
  how: TextDetails,
): Promise<void> {
  for (const { path: result, format } of results) {
    await makeFolder(path.dirname(result));
    const content = formatTranscript(file, output, { format, ...how });
    await writeWholeFile({ file: result, what: 'the result' }, [content]);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new UniSpeechError(
      'bad-option',
      `The folder ${folder} cannot be written to: ${messageOf(cause)}.`,
      'Give another --out folder.',
      { cause },
    );
  }
}
