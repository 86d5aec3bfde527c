/** `unispeech diarize`: who speaks when in each file. */
import { toRttm } from '../captions/rttm.ts';
import type { AudioFrameClassificationOutput } from '../pipelines/diarize-clips.ts';
import { eachFile, openPipeline } from './audio-files.ts';
import { printable, printableJson } from './printable.ts';
import { rttmField, rttmName } from './rttm-name.ts';
import type { DiarizeCommand } from './speaker-commands.ts';
import { formatTable } from './table.ts';

/** @returns the exit code. @throws the signal's reason. */
export async function diarize(command: DiarizeCommand, signal: AbortSignal): Promise<number> {
  await using diarizeAudio = await openPipeline('audio-frame-classification', command, signal);
  return await eachFile(command.files, signal, async (file, audio) => {
    const output = await diarizeAudio(audio, {
      threshold: command.threshold,
      min_duration_s: command.minSeconds,
      min_gap_s: command.minGapSeconds,
      ...(command.maxSeconds !== undefined && { max_duration_s: command.maxSeconds }),
      signal,
    });
    process.stdout.write(toFormat(file, output, command));
  });
}

function toFormat(
  file: string,
  output: AudioFrameClassificationOutput,
  { format, files }: DiarizeCommand,
): string {
  const { segments } = output;
  if (format === 'json') return `${printableJson({ file, ...output })}\n`;
  if (format === 'rttm') {
    const named = segments.map((segment) => ({ ...segment, speaker: rttmField(segment.speaker) }));
    return toRttm({ segments: named }, { uri: rttmName(file) });
  }
  // A row for each segment, below the file's name where there are several files.
  const heading = files.length === 1 ? [] : [printable(file)];
  const indent = heading.map(() => '');
  const rows = segments.map(({ speaker, start, end, score }) => [
    ...indent,
    start.toFixed(2),
    end.toFixed(2),
    score.toFixed(4),
    printable(speaker),
  ]);
  const table = rows.length === 0 ? [] : [formatTable(rows, [indent.length, indent.length + 1])];
  return [...heading, ...table].map((lines) => `${lines}\n`).join('');
}
