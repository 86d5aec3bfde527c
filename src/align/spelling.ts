/** How a vocabulary of characters spells what people write. Pure. */
import type { EmissionInfo } from '../pipelines/emissions.ts';

/** Characters that stand for the apostrophe and the hyphen of vocabularies. */
const APOSTROPHES = /[’‘ʼ`´＇]/;
const HYPHENS = /[‐‑‒–—]/;

/** What a character becomes: labels; null for a letter or digit that the vocabulary lacks; none for punctuation and the like. */
export type Spelling = readonly number[] | null;

export type LabelInfo = Pick<EmissionInfo, 'labels' | 'special' | 'blank' | 'word_delimiter'>;

/** The labels that text can be made of, by how they are written. */
export function writtenLabels({ labels, special, blank, word_delimiter }: LabelInfo): Map<string, number> {
  const ids = new Map<string, number>();
  const left = new Set([...special, blank, word_delimiter]);
  labels.forEach((label, id) => {
    if (label !== '' && !left.has(id) && !ids.has(label)) ids.set(label, id);
  });
  return ids;
}

/**
 * Spells a character with the labels of a vocabulary: as it is, in upper case, in lower case; then the same for the plain apostrophe or hyphen that
 * it stands for, and for its letters without accents. The first form whose characters are all labels wins: ß is SS for a model of capitals.
 */
export class Speller {
  readonly #labels: ReadonlyMap<string, number>;
  readonly #known = new Map<string, Spelling>();

  constructor(labels: ReadonlyMap<string, number>) {
    this.#labels = labels;
  }

  /** @param character one code point. */
  spell(character: string): Spelling {
    const known = this.#known.get(character);
    if (known !== undefined) return known;
    const spelling = this.#find(character);
    this.#known.set(character, spelling);
    return spelling;
  }

  #find(character: string): Spelling {
    const plain = APOSTROPHES.test(character) ? "'" : HYPHENS.test(character) ? '-' : character;
    const base = character.normalize('NFD').replace(/\p{Mn}/gu, '');
    for (const form of new Set([character, plain, base])) {
      for (const candidate of [form, form.toUpperCase(), form.toLowerCase()]) {
        const ids = Array.from(candidate, (part) => this.#labels.get(part));
        if (ids.length > 0 && ids.every((id) => id !== undefined)) return ids;
      }
    }
    return /[\p{L}\p{N}]/u.test(character) ? null : [];
  }
}
