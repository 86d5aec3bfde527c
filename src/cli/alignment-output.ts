/** The result of an alignment in the formats of the command line. Nothing in it is obeyed by a terminal. */
import type { AlignedToken, Alignment } from '../align/alignment.ts';
import { describeValue } from '../base/errors.ts';
import { toAudacityLabels } from '../captions/audacity.ts';
import { toCtm } from '../captions/ctm.ts';
import { toEaf } from '../captions/eaf.ts';
import { toSrt } from '../captions/srt.ts';
import { toTextGrid } from '../captions/to-textgrid.ts';
import { toVtt } from '../captions/vtt.ts';
import type { AlignCommand } from './align-command.ts';
import { printable, printableJson } from './printable.ts';
import { eafOptions, rttmField, rttmName } from './rttm-name.ts';
import { formatTable } from './table.ts';

/** Ends with a line break, unless it is empty. @param isOfPhonemes what the tokens are. */
export function formatAlignment(
  alignment: Alignment,
  { format, audio, karaoke }: Pick<AlignCommand, 'format' | 'audio' | 'karaoke'>,
  isOfPhonemes: boolean,
): string {
  if (format === 'json') return `${printableJson({ audio, ...alignment })}\n`;
  const words = alignment.words.map((word) => ({ ...word, text: printable(word.text) }));
  if (format === 'text') return tableOf(words);
  if (format === 'srt') return toSrt({ words });
  if (format === 'vtt') return toVtt({ words }, { karaoke });
  if (format === 'ctm') {
    // Words of phonemes have spaces.
    const fields = words.map((word) => ({ ...word, text: rttmField(word.text) }));
    return toCtm({ words: fields }, { uri: rttmName(audio) });
  }
  if (format === 'audacity') return toAudacityLabels({ words });
  if (format === 'eaf') return toEaf({ words }, eafOptions(audio));
  const isOfWord = (token: AlignedToken): boolean => token.word !== null;
  return toTextGrid(
    { words },
    {
      duration_s: alignment.duration,
      tiers: [
        { name: isOfPhonemes ? 'phones' : 'characters', words: alignment.tokens.filter(isOfWord) },
        { name: 'utterances', words: alignment.utterances },
      ],
    },
  );
}

function tableOf(words: Alignment['words']): string {
  if (words.length === 0) return '';
  const rows = words.map(({ text, start, end, score, inferred }) => [
    start.toFixed(3),
    end.toFixed(3),
    inferred ? '(between)' : (score?.toFixed(4) ?? '-'),
    text,
  ]);
  return `${formatTable(rows, [0, 1, 2])}\n`;
}

/** Parts of a text and an audio that have no counterpart, for standard error. */
export function notesOf({ unaligned, untranscribed }: Alignment): string[] {
  const notes: string[] = [];
  const unknown = unaligned.filter(({ reason }) => reason === 'unknown');
  if (unknown.length > 0)
    notes.push(`the model has no tokens for ${listed(unknown.map(({ text }) => describeValue(text)))}`);
  if (untranscribed.length > 0)
    notes.push(
      `speech that the text lacks: ${listed(untranscribed.map(({ start, end, text }) => `${describeValue(text)} from ${start.toFixed(2)} to ${end.toFixed(2)} s`))}`,
    );
  return notes;
}

const MOST_LISTED = 3;

function listed(items: readonly string[]): string {
  const more = items.length - MOST_LISTED;
  return items.slice(0, MOST_LISTED).join(', ') + (more > 0 ? `, and ${more} more` : '');
}
