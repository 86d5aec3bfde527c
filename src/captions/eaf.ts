/** Annotations of ELAN (`.eaf`, https://archive.mpi.nl/tla/elan): XML, in whole milliseconds. */
import { badOption } from '../base/option-checks.ts';
import { rejectUnknownOptions } from '../base/errors.ts';
import { intervalsOf, LEAST_SECONDS } from './intervals.ts';
import { inOneLine } from './timed-words.ts';
import { millisecondsOf } from './timecode.ts';
import { type CaptionSource, wordsOf } from './transcript.ts';

export interface EafOptions {
  /** The name or address of the audio; without it ELAN asks for one. */
  readonly media?: string | undefined;
  /** Default 'words'. */
  readonly tier_name?: string | undefined;
  /** When the file was made. Default: now. */
  readonly date?: Date | undefined;
}

/**
 * One tier with an annotation for each word. Annotations of a tier do not overlap and have a length, which words may: `intervalsOf` says what becomes of them.
 * @throws UniSpeechError `bad-input` as `wordsOf` does, and `bad-option`.
 */
export function toEaf(source: CaptionSource, options: EafOptions = {}): string {
  rejectUnknownOptions(options, ['media', 'tier_name', 'date'], 'toEaf');
  const { media, tier_name: tierName = 'words', date = new Date() } = options;
  if (Number.isNaN(Number(date))) throw badOption('date', date, 'a date');
  const words = wordsOf(source).map((word) => ({
    ...word,
    start: millisecondsOf(word.start) / 1000,
    end: millisecondsOf(word.end) / 1000,
  }));
  const end = words.reduce((most, word) => Math.max(most, word.end), 0) + LEAST_SECONDS;
  const intervals = intervalsOf(words, end).filter(({ text }) => text !== '');
  const slots = intervals.flatMap(({ start: from, end: to }, index) =>
    [from, to].map(
      (seconds, side) =>
        `<TIME_SLOT TIME_SLOT_ID="ts${2 * index + side + 1}" TIME_VALUE="${millisecondsOf(seconds)}"/>`,
    ),
  );
  const annotations = intervals.flatMap(({ text }, index) => [
    '<ANNOTATION>',
    `<ALIGNABLE_ANNOTATION ANNOTATION_ID="a${index + 1}" TIME_SLOT_REF1="ts${2 * index + 1}" TIME_SLOT_REF2="ts${2 * index + 2}">`,
    `<ANNOTATION_VALUE>${escaped(text)}</ANNOTATION_VALUE>`,
    '</ALIGNABLE_ANNOTATION>',
    '</ANNOTATION>',
  ]);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<ANNOTATION_DOCUMENT AUTHOR="" DATE="${new Date(date).toISOString()}" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">`,
    '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">',
    ...(media === undefined
      ? []
      : [`<MEDIA_DESCRIPTOR MEDIA_URL="${escaped(inOneLine(media))}" MIME_TYPE="audio/*"/>`]),
    '</HEADER>',
    '<TIME_ORDER>',
    ...slots,
    '</TIME_ORDER>',
    `<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="${escaped(inOneLine(tierName))}">`,
    ...annotations,
    '</TIER>',
    '<LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>',
    '</ANNOTATION_DOCUMENT>',
  ];
  return `${lines.join('\n')}\n`;
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' } as const;

/** XML has no place for some characters at all, in no spelling. */
const escaped = (text: string): string =>
  text
    .replace(/[&<>"]/g, (character) => ENTITIES[character as keyof typeof ENTITIES])
    .replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd');
