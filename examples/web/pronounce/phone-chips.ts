/** Each sound of the phrase as a button: coloured by its score, with what was heard instead below it. */
import type { PhonePronunciation, PronunciationResult } from 'unispeech-webgpu/phones';
import { make } from '../shared/dom.ts';

/** @param isLetters whether the sounds of a word are its letters. @param onPlay of a span in seconds. */
export function phoneChips(
  result: PronunciationResult,
  isLetters: boolean,
  onPlay: (start: number, end: number) => void,
): HTMLElement[] {
  return result.words.map((word) => {
    const [first, end] = word.phones;
    const chips = result.phones
      .slice(first, end)
      .flatMap((phone, index) => [...insertionsBefore(result, first + index), chipOf(phone, onPlay)]);
    const isLast = end === result.phones.length;
    return make(
      'div',
      { className: 'said-word' },
      make('div', { className: 'row chips' }, ...chips, ...(isLast ? insertionsBefore(result, end) : [])),
      make(
        'span',
        { className: 'muted small' },
        `${isLetters ? word.text.replaceAll(' ', '') : word.text}: ${percent(word.score)}`,
      ),
    );
  });
}

const insertionsBefore = ({ insertions }: PronunciationResult, index: number): HTMLElement[] =>
  insertions
    .filter(({ before }) => before === index)
    .map(({ text }) => {
      const chip = make('span', { className: 'chip extra' }, make('b', {}, text), make('small', {}, 'added'));
      chip.title = `${text} was heard, and is not part of the phrase`;
      return chip;
    });

function chipOf(phone: PhonePronunciation, onPlay: (start: number, end: number) => void): HTMLElement {
  const { text, score, start, end } = phone;
  const chip = make(
    'button',
    { type: 'button', className: 'chip' },
    make('b', {}, text),
    make('small', {}, noteOf(phone)),
  );
  chip.dataset.level = score >= 0.8 ? 'good' : score >= 0.4 ? 'fair' : 'poor';
  chip.setAttribute('aria-label', `${text}, ${noteOf(phone)}, ${percent(score)}`);
  // One sound lasts a frame or two: what stands around it is heard, too.
  chip.addEventListener('click', () => onPlay(Math.max(0, start - 0.12), end + 0.12));
  return chip;
}

function noteOf({ error, heard, score }: PhonePronunciation): string {
  if (error === 'deletion') return 'left out';
  return error === 'substitution' ? `as ${heard ?? '?'}` : percent(score);
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
