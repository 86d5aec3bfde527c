/** Models of letters beside those of phonemes: what is expected, and the engine's measure on letters. */
import type { EmissionSource } from 'unispeech-webgpu/align';

/**
 * The same emissions, said to be of phonemes. The measure of pronunciation works on any labels of a CTC model; the engine refuses letters because their scores
 * tell of spelling as much as of sound. This page says so.
 */
export const lettersAsUnits = (source: EmissionSource): EmissionSource => ({
  emissionInfo: async () => ({ ...(await source.emissionInfo()), units: 'phonemes' }),
  emissions: (audio, options) => source.emissions(audio, options),
});

/** `Yes, five!` as `Y E S | F I V E`, in the case that the labels have. What no label is for is left out. */
export function spelledOut(text: string, labels: readonly string[]): string {
  const known = new Set(labels);
  const words = text.split(/\s+/).map((word) =>
    Array.from(word).flatMap((letter) => {
      const label = [letter, letter.toUpperCase(), letter.toLowerCase()].find((form) => known.has(form));
      return label === undefined || !/[\p{L}\p{N}]/u.test(label) ? [] : [label];
    }),
  );
  return words
    .filter(({ length }) => length > 0)
    .map((letters) => letters.join(' '))
    .join(' | ');
}

/** Lines of a word and its phonemes. @throws Error for a line of one word. */
export function parseLexicon(text: string): Map<string, string> | undefined {
  const entries = text
    .split('\n')
    .map((line) => line.trim().replace(/:/, ' '))
    .filter((line) => line !== '')
    .map((line): [string, string] => {
      const [, word, phonemes] = /^(\S+)\s+(\S.*)$/.exec(line) ?? [];
      if (word === undefined || phonemes === undefined)
        throw new Error(`The line “${line}” needs a word and its phonemes.`);
      return [word, phonemes];
    });
  return entries.length === 0 ? undefined : new Map(entries);
}
