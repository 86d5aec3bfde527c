/** Where sentences end in text that has no other marks. */

/** Quotes and brackets may stand behind the mark. */
const SENTENCE_END = /[.!?…。！？][)\]"'”’»]*$/u;

/** Whether a word ends a sentence. An abbreviation does so, too. */
export const endsSentence = (word: string): boolean => SENTENCE_END.test(word);
