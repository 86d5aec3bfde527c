/** The text, and what can be taken away: the clipboard, subtitles, data. */
import { type TimedText, type TimedTranscript, toJson, toSrt, toVtt } from 'unispeech-webgpu/captions';
import { byId } from '../shared/dom.ts';
import { save } from '../shared/save-file.ts';
import type { Timed } from './alignment.ts';
import type { Audio } from './audio.ts';
import type { ShownTranscript } from './recognizer.ts';

interface Shown {
  readonly audio: Audio;
  readonly transcript: ShownTranscript;
}

const toChunk = ({ text, start, end }: Timed): TimedText => ({ text, timestamp: [start, end] });
const ofWords = ({ text, words }: ShownTranscript): TimedTranscript => ({ text, chunks: words.map(toChunk) });

const FORMATS = {
  srt: { type: 'application/x-subrip', write: ({ transcript }: Shown) => toSrt(ofWords(transcript)) },
  vtt: { type: 'text/vtt', write: ({ transcript }: Shown) => toVtt(ofWords(transcript)) },
  json: {
    type: 'application/json',
    write: ({ audio, transcript }: Shown) =>
      toJson({
        ...ofWords(transcript),
        audio: audio.name,
        audio_seconds: audio.seconds,
        model: transcript.model.location,
        characters: transcript.characters.map(toChunk),
      }),
  },
} as const;

export class TranscriptPanel {
  readonly #text = byId('text', HTMLElement);
  #shown: Shown | undefined;

  /** @param say tells the user what happened. */
  constructor(say: (message: string) => void) {
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
    for (const format of ['srt', 'vtt', 'json'] as const) {
      byId(`save-${format}`, HTMLButtonElement).addEventListener('click', () => {
        if (!this.#shown) return;
        const { type, write } = FORMATS[format];
        const stem = this.#shown.audio.name.replace(/\.[^.]+$/, '');
        save(`${stem}.${format}`, new Blob([write(this.#shown)], { type }));
      });
    }
  }

  show(audio: Audio, transcript: ShownTranscript): void {
    this.#shown = { audio, transcript };
    const hasText = transcript.text !== '';
    this.#text.textContent = hasText ? transcript.text : 'No speech was recognised in this audio.';
    this.#text.classList.toggle('muted', !hasText);
  }
}
