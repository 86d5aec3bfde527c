/** `unispeech phones`: the phonemes of each file, with times, scores and visemes. */
import { toAudacityLabels } from '../captions/audacity.ts';
import { toCtm } from '../captions/ctm.ts';
import { toEaf } from '../captions/eaf.ts';
import { toSrt } from '../captions/srt.ts';
import { toTextGrid } from '../captions/to-textgrid.ts';
import { toVtt } from '../captions/vtt.ts';
import { phones as phonesOf, type PhonesResult } from '../phones/phones.ts';
import { eachFile, openPipeline } from './audio-files.ts';
import type { PhonesCommand } from './phone-commands.ts';
import { printable, printableJson } from './printable.ts';
import { eafOptions, rttmName } from './rttm-name.ts';
import { formatTable } from './table.ts';

/** @returns the exit code. @throws the signal's reason. */
export async function phones(command: PhonesCommand, signal: AbortSignal): Promise<number> {
  const { files, chunkSeconds, maxSeconds, temperature, visemes } = command;
  await using recognizer = await openPipeline('automatic-speech-recognition', command, signal);
  return await eachFile(files, signal, async (file, audio) => {
    const result = await phonesOf(recognizer, audio, {
      ...(chunkSeconds !== undefined && { chunk_length_s: chunkSeconds }),
      ...(maxSeconds !== undefined && { max_duration_s: maxSeconds }),
      ...(temperature !== undefined && { temperature }),
      return_visemes: visemes,
      signal,
    });
    process.stdout.write(formatPhones(file, result, command));
  });
}

/** Ends with a line break, unless it is empty. */
export function formatPhones(
  file: string,
  result: PhonesResult,
  { format, files }: Pick<PhonesCommand, 'format' | 'files'>,
): string {
  if (format === 'json') return `${printableJson({ file, ...result })}\n`;
  const words = result.phones.map((phone) => ({ ...phone, text: printable(phone.text) }));
  const visemes = result.visemes?.map(({ viseme, start, end }) => ({ text: viseme, start, end }));
  if (format === 'text') {
    const heading = files.length === 1 ? '' : `${printable(file)}\n`;
    return `${heading}${tableOf(words)}${tableOf(visemes ?? [])}`;
  }
  if (format === 'srt') return toSrt({ words });
  if (format === 'vtt') return toVtt({ words });
  if (format === 'ctm') return toCtm({ words }, { uri: rttmName(file) });
  if (format === 'audacity') return toAudacityLabels({ words });
  if (format === 'eaf') return toEaf({ words }, { ...eafOptions(file), tier_name: 'phones' });
  return toTextGrid(
    { words },
    {
      tier_name: 'phones',
      duration_s: result.seconds,
      ...(visemes && { tiers: [{ name: 'visemes', words: visemes }] }),
    },
  );
}

function tableOf(
  rows: readonly {
    readonly text: string;
    readonly start: number;
    readonly end: number;
    readonly score?: number;
  }[],
): string {
  if (rows.length === 0) return '';
  const cells = rows.map(({ text, start, end, score }) => [
    start.toFixed(3),
    end.toFixed(3),
    score?.toFixed(4) ?? '',
    text,
  ]);
  return `${formatTable(cells, [0, 1, 2])}\n`;
}
