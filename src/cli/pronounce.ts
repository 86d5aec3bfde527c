/** `unispeech pronounce`: how well what is expected is pronounced in an audio file. */
import { toTextGrid } from '../captions/to-textgrid.ts';
import { pronunciation } from '../phones/pronunciation.ts';
import type { PronunciationResult } from '../phones/pronunciation-result.ts';
import { eachFile, openPipeline } from './audio-files.ts';
import { readLexicon } from './lexicon-file.ts';
import type { PronounceCommand } from './phone-commands.ts';
import { printable, printableJson } from './printable.ts';
import { formatTable } from './table.ts';
import { readTextFile } from './text-file.ts';

/** @returns the exit code. @throws UniSpeechError for the lexicon; the signal's reason. */
export async function pronounce(command: PronounceCommand, signal: AbortSignal): Promise<number> {
  const { files, expected, lexiconFile, maxSeconds, temperature, features } = command;
  // All that can be wrong is found before the model is loaded.
  const lexicon =
    lexiconFile === undefined ? undefined : readLexicon(await readTextFile(lexiconFile, signal));
  await using recognizer = await openPipeline('automatic-speech-recognition', command, signal);
  return await eachFile(files, signal, async (file, audio) => {
    const result = await pronunciation(recognizer, audio, expected, {
      ...(lexicon && { lexicon }),
      ...(maxSeconds !== undefined && { max_duration_s: maxSeconds }),
      ...(temperature !== undefined && { temperature }),
      return_features: features,
      signal,
    });
    process.stdout.write(formatPronunciation(file, result, command));
  });
}

/** Ends with a line break. */
export function formatPronunciation(
  file: string,
  result: PronunciationResult,
  { format }: Pick<PronounceCommand, 'format'>,
): string {
  if (format === 'json') return `${printableJson({ file, ...result })}\n`;
  const { score, heard, words, phones, insertions, seconds } = result;
  if (format === 'textgrid') {
    const said = phones.map(({ text, heard: other, error, ...times }) => ({
      ...times,
      text: error === null ? text : `${text} > ${other ?? '-'}`,
    }));
    const tiers = [
      { name: 'phones', words: said },
      { name: 'insertions', words: insertions },
    ];
    return toTextGrid({ words }, { duration_s: seconds, tiers });
  }
  const rows = words.flatMap((word) => [
    [word.start.toFixed(2), word.end.toFixed(2), word.score.toFixed(2), '', printable(word.text), ''],
    ...phones
      .slice(...word.phones)
      .map((phone) => [
        phone.start.toFixed(2),
        phone.end.toFixed(2),
        phone.score.toFixed(2),
        phone.gop.toFixed(1),
        `  ${printable(phone.text)}`,
        phone.error === null ? '' : phone.heard === null ? 'left out' : `heard ${printable(phone.heard)}`,
      ]),
  ]);
  const added = insertions.map(({ text, start }) => `${printable(text)} at ${start.toFixed(2)} s`);
  return [
    formatTable(rows, [0, 1, 2, 3]),
    `score ${score.toFixed(2)}`,
    `heard ${printable(heard)}`,
    ...(added.length > 0 ? [`not expected: ${added.join(', ')}`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
