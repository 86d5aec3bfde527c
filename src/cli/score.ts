/** `unispeech score`: error rates of what was recognised. */
import { counted } from '../base/counted.ts';
import { type ErrorRates, score as scoreTexts } from '../score/score.ts';
import { showAlignment } from '../score/show-alignment.ts';
import type { ScoreUnit } from '../score/tokens.ts';
import { printable, printableJson, printableLines } from './printable.ts';
import type { ScoreCommand } from './score-command.ts';
import { readTextFile } from './text-file.ts';
import { paired, type UtteranceLine, utterancesOf } from './utterance-lines.ts';

/** @returns the exit code. @throws UniSpeechError; the signal's reason. */
export async function score(command: ScoreCommand, signal: AbortSignal): Promise<number> {
  const { unit, isKeyed } = command;
  const [references, hypotheses] = await Promise.all(
    [command.reference, command.hypothesis].map(async (file) =>
      utterancesOf(file, await readTextFile(file, signal), isKeyed),
    ),
  );
  const first = references ?? [];
  const second = paired([command.reference, first], [command.hypothesis, hypotheses ?? []]);
  const rates = scoreTexts(
    first.map(({ text }) => text),
    second.map(({ text }) => text),
    { unit },
  );
  process.stdout.write(formatScore(command, first, rates));
  return 0;
}

const NAMES = {
  word: ['WER', 'word'],
  char: ['CER', 'character'],
  phoneme: ['PER', 'phoneme'],
} as const satisfies Readonly<Record<ScoreUnit, readonly [rate: string, unit: string]>>;

export function formatScore(
  { json, showsAlignment }: Pick<ScoreCommand, 'json' | 'showsAlignment'>,
  utterances: readonly UtteranceLine[],
  rates: ErrorRates,
): string {
  const { references, hypotheses, alignments, ...totals } = rates;
  const { hits, substitutions, deletions, insertions } = totals;
  const referenceLength = hits + substitutions + deletions;
  if (json) {
    const lengths = {
      utterances: utterances.length,
      reference_length: referenceLength,
      hypothesis_length: hits + substitutions + insertions,
    };
    const shown = utterances.map(({ name }, index) => ({
      name,
      reference: references[index],
      hypothesis: hypotheses[index],
      alignment: alignments[index],
    }));
    return `${printableJson({ ...totals, ...lengths, ...(showsAlignment && { alignments: shown }) })}\n`;
  }
  const [rate, unit] = NAMES[rates.unit];
  const shown = showsAlignment
    ? utterances.map(
        ({ name }, index) => `${printable(name)}\n${printableLines(showAlignment(rates, index))}\n`,
      )
    : [];
  // A share of nothing is none.
  const errors = referenceLength === 0 ? counted(insertions, 'insertion') : percent(rates.error_rate);
  return [
    ...shown,
    `${rate} ${errors}  MER ${percent(rates.mer)}  WIL ${percent(rates.wil)}  WIP ${percent(rates.wip)}\n`,
    `${substitutions} substituted, ${deletions} deleted, ${insertions} inserted, ${hits} right, of ${counted(referenceLength, unit)} in ${counted(utterances.length, 'utterance')}\n`,
  ].join('');
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
