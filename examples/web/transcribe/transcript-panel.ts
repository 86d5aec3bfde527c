/** The text, and what can be taken away: the clipboard, subtitles, files of words. */
import type { TimedText } from 'unispeech-webgpu/captions';
import { byId } from '../shared/dom.ts';
import type { ErrorBox } from '../shared/error-box.ts';
import { offerToSave, type SavedWords } from '../shared/save-words.ts';
import type { Timed } from './alignment.ts';
import type { Audio } from './audio.ts';
import type { ShownTranscript } from './recognizer.ts';

interface Shown {
  readonly audio: Audio;
  readonly transcript: ShownTranscript;
}

const toChunk = ({ text, start, end }: Timed): TimedText => ({ text, timestamp: [start, end] });

const savedWords = ({ audio, transcript }: Shown): SavedWords => {
  const { text, model, characters, words, isPhonemes } = transcript;
  return {
    audio,
    words,
    // Phonemes are words of their own.
    ...(!isPhonemes && { parts: { name: 'characters', words: characters } }),
    content: {
      model: model.location,
      text,
      chunks: words.map(toChunk),
      characters: characters.map(toChunk),
    },
  };
};

export class TranscriptPanel {
  readonly #text = byId('text', HTMLElement);
  #shown: Shown | undefined;

  /** @param say tells the user what happened. */
  constructor(errors: ErrorBox, say: (message: string) => void) {
    const copy = byId('copy', HTMLButtonElement);
    copy.addEventListener('click', () => {
      navigator.clipboard.writeText(this.#shown?.transcript.text ?? '').then(
        () => {
          say('The text is on the clipboard.');
          copy.textContent = 'Copied';
          setTimeout(() => (copy.textContent = 'Copy text'), 2000);
        },
        () => {
          getSelection()?.selectAllChildren(this.#text);
          say('This browser does not let the page copy: the text is selected, press Ctrl+C.');
        },
      );
    });
    offerToSave(errors, () => this.#shown && savedWords(this.#shown));
  }

  show(audio: Audio, transcript: ShownTranscript): void {
    this.#shown = { audio, transcript };
    const hasText = transcript.text !== '';
    this.#text.textContent = hasText ? transcript.text : 'No speech was recognised in this audio.';
    this.#text.classList.toggle('muted', !hasText);
  }
}
