/** What can be taken away: the words with their times in every format. */
import type { Alignment } from 'unispeech-webgpu/align';
import {
  type TimedWord,
  toAudacityLabels,
  toCtm,
  toEaf,
  toJson,
  toSrt,
  toTextGrid,
  toVtt,
} from 'unispeech-webgpu/captions';
import { save } from '../shared/save-file.ts';
import type { Audio } from '../transcribe/audio.ts';

export interface Exported {
  readonly audio: Audio;
  readonly alignment: Alignment;
  /** As they were edited. */
  readonly words: readonly TimedWord[];
}

interface ExportFormat {
  readonly value: string;
  readonly label: string;
  readonly ending: string;
  readonly type: string;
  readonly write: (exported: Exported, stem: string) => string;
}

export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    ...{
      value: 'textgrid',
      label: 'TextGrid (Praat): words and tokens',
      ending: 'TextGrid',
      type: 'text/plain',
    },
    write: ({ audio, alignment, words }) =>
      toTextGrid(
        { words },
        { duration_s: audio.seconds, tiers: [{ name: 'tokens', words: alignment.tokens }] },
      ),
  },
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
    ...{ value: 'ctm', label: 'CTM (NIST)', ending: 'ctm', type: 'text/plain' },
    write: ({ words }, stem) => toCtm({ words }, { uri: stem.replace(/\s+/g, '_') || 'audio' }),
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
    write: ({ audio, alignment, words }) =>
      toJson({ audio: audio.name, audio_seconds: audio.seconds, text: alignment.text, words }),
  },
];

/** Saves a file in the format of this name. */
export function saveAs(format: string, exported: Exported): void {
  const chosen = EXPORT_FORMATS.find(({ value }) => value === format);
  if (!chosen) return;
  const stem = exported.audio.name.replace(/\.[^.]+$/, '');
  save(`${stem}.${chosen.ending}`, new Blob([chosen.write(exported, stem)], { type: chosen.type }));
}
