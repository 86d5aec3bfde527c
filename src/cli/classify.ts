/** `unispeech classify`: the likeliest labels of each file. */
import type { AudioClassificationOutput } from '../pipelines/label-scores.ts';
import { eachFile, openPipeline } from './audio-files.ts';
import { printable, printableJson } from './printable.ts';
import { formatTable } from './table.ts';
import type { ClassifyCommand } from './usage.ts';

/** @returns the exit code. @throws the signal's reason. */
export async function classify(command: ClassifyCommand, signal: AbortSignal): Promise<number> {
  /** Warnings of the file that is being read. */
  const warnings: string[] = [];
  await using classifyAudio = await openPipeline('audio-classification', command, signal, (message) =>
    warnings.push(message),
  );
  return await eachFile(command.files, signal, async (file, audio) => {
    warnings.length = 0;
    const labels = await classifyAudio(audio, {
      ...(command.topK !== undefined && { top_k: command.topK }),
      function_to_apply: command.functionToApply,
      ...(command.maxSeconds !== undefined && { max_duration_s: command.maxSeconds }),
      signal,
    });
    process.stdout.write(
      command.json
        ? `${printableJson({ file, labels, ...(warnings.length > 0 && { warnings }) })}\n`
        : toText(file, labels, command),
    );
  });
}

/** A row for each label, below the file's name where there are several files. */
function toText(file: string, labels: AudioClassificationOutput, { files }: ClassifyCommand): string {
  const heading = files.length === 1 ? [] : [printable(file)];
  const indent = heading.map(() => '');
  const rows = labels.map(({ group, label, score }) => [
    ...indent,
    ...(group === undefined ? [] : [printable(group)]),
    score.toFixed(4),
    printable(label),
  ]);
  const table =
    rows.length === 0 ? [] : [formatTable(rows, [indent.length + (labels[0]?.group === undefined ? 0 : 1)])];
  return [...heading, ...table].map((lines) => `${lines}\n`).join('');
}
