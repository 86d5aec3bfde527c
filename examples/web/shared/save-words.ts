/** What can be taken away: words with their times in every format. */
import {
  type TimedWord,
  toAudacityLabels,
  toCtm,
  toEaf,
  toJson,
  toSrt,
  toTextGrid,
  toVtt,
  type TranscriptFile,
} from 'unispeech-webgpu/captions';
import { fillSelect } from './catalog.ts';
import { byId } from './dom.ts';
import type { ErrorBox } from './error-box.ts';
import { save } from './save-file.ts';

export interface SavedWords {
  readonly audio: { readonly name: string; readonly seconds: number };
  readonly words: readonly TimedWord[];
  /** What words are made of: a tier of their own where a format has tiers. */
  readonly parts?: { readonly name: string; readonly words: readonly TimedWord[] } | undefined;
  /** What the JSON file holds beside the audio. */
  readonly content: TranscriptFile;
}

interface SaveFormat {
  readonly value: string;
  readonly label: string;
  readonly ending: string;
  readonly type: string;
  readonly write: (saved: SavedWords, stem: string) => string;
}

/** White space divides the fields of CTM. */
const ctmField = (text: string): string => text.replace(/\s+/g, '_');

const FORMATS: readonly SaveFormat[] = [
  {
    ...{ value: 'srt', label: 'SRT subtitles', ending: 'srt', type: 'application/x-subrip' },
    write: ({ words }) => toSrt({ words }),
  },
  {
    ...{ value: 'vtt', label: 'WebVTT subtitles', ending: 'vtt', type: 'text/vtt' },
    write: ({ words }) => toVtt({ words }),
  },
  {
    ...{ value: 'karaoke', label: 'WebVTT with the time of each word', ending: 'vtt', type: 'text/vtt' },
    write: ({ words }) => toVtt({ words }, { karaoke: true }),
  },
  {
    ...{ value: 'textgrid', label: 'TextGrid (Praat)', ending: 'TextGrid', type: 'text/plain' },
    write: ({ audio, words, parts }) =>
      toTextGrid({ words }, { duration_s: audio.seconds, tiers: parts ? [parts] : [] }),
  },
  {
    ...{ value: 'ctm', label: 'CTM (NIST)', ending: 'ctm', type: 'text/plain' },
    write: ({ words }, stem) =>
      toCtm(
        { words: words.map((word) => ({ ...word, text: ctmField(word.text) })) },
        { uri: ctmField(stem) || 'audio' },
      ),
  },
  {
    ...{ value: 'audacity', label: 'Audacity labels', ending: 'txt', type: 'text/plain' },
    write: ({ words }) => toAudacityLabels({ words }),
  },
  {
    ...{ value: 'eaf', label: 'ELAN (EAF)', ending: 'eaf', type: 'application/xml' },
    write: ({ audio, words }) => toEaf({ words }, { media: audio.name }),
  },
  {
    ...{ value: 'json', label: 'JSON', ending: 'json', type: 'application/json' },
    write: ({ audio, content }) => toJson({ audio: audio.name, audio_seconds: audio.seconds, ...content }),
  },
];

/**
 * Fills the list of formats, and saves when the button beside it is pressed.
 * @param shown gives what the page shows; undefined where there is nothing yet.
 */
export function offerToSave(errors: ErrorBox, shown: () => SavedWords | undefined): void {
  const select = byId('format', HTMLSelectElement);
  fillSelect(select, FORMATS);
  byId('save', HTMLButtonElement).addEventListener('click', () => {
    const saved = shown();
    const format = FORMATS.find(({ value }) => value === select.value);
    if (!saved || !format) return;
    const stem = saved.audio.name.replace(/\.[^.]+$/, '');
    try {
      save(`${stem}.${format.ending}`, new Blob([format.write(saved, stem)], { type: format.type }));
    } catch (error) {
      errors.show('Cannot save the words', error);
    }
  });
}
