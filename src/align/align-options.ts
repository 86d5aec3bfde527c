/** The options of `align`, checked by name and value. */
import { rejectUnknownOptions } from '../base/errors.ts';
import { checkBoolean, checkCallback, checkChoice, checkSignal } from '../base/option-checks.ts';
import type { EmissionOptions } from '../pipelines/emissions.ts';
import { UNKNOWN_MODES, type UnknownMode } from './alignment-text.ts';
import { SEARCH_MODES, type SearchMode } from './find-path.ts';
import { checkLexicon, type Lexicon } from './lexicon.ts';
import { UTTERANCE_MODES, type UtteranceMode } from './utterances.ts';

/**
 * Where words begin and end. `frames`: at the frames of their tokens, as transformers and torchaudio have it. `extended`: these, widened by at most 80 ms into
 * the gaps between words. `audio`: at the pauses heard between words.
 */
export type BoundaryMode = 'frames' | 'extended' | 'audio';
const BOUNDARY_MODES: readonly BoundaryMode[] = ['frames', 'extended', 'audio'];

/** Where the text has stars, which take audio that the text lacks: nowhere, before and behind it, or also between its utterances. */
export type StarPlaces = 'none' | 'edges' | 'utterances';
const STAR_PLACES: readonly StarPlaces[] = ['none', 'edges', 'utterances'];

export interface AlignProgress {
  /** Whether the audio is read and heard, or the path is searched for. */
  readonly stage: 'hearing' | 'searching';
  /** Of the audio, as far as it was heard. */
  readonly seconds: number;
  /** Where it is known by now. */
  readonly total_seconds?: number;
  /** Of the search, from 0 to 1. */
  readonly share: number;
}

export interface AlignOptions extends Pick<
  EmissionOptions,
  'chunk_length_s' | 'batch_size' | 'max_duration_s' | 'signal'
> {
  /** Default: `'extended'`. */
  readonly boundaries?: BoundaryMode | undefined;
  /** What becomes of letters and digits that the model has no token for. Default: `'star'`. */
  readonly unknown?: UnknownMode | undefined;
  /** Default: `'none'`. */
  readonly star?: StarPlaces | undefined;
  /** Whether the model's token between words is aligned, too. Default: true. */
  readonly word_delimiters?: boolean | undefined;
  /** Pronunciations of words, for models of phonemes. Without one the text is phonemes. */
  readonly lexicon?: Lexicon | undefined;
  /** Default: `'sentences'`. */
  readonly utterances?: UtteranceMode | undefined;
  /** Default: `'auto'`. */
  readonly search?: SearchMode | undefined;
  /** Called as the work goes on. */
  readonly progress_callback?: ((progress: AlignProgress) => void) | undefined;
}

export interface CheckedAlignOptions {
  readonly boundaries: BoundaryMode;
  readonly unknown: UnknownMode;
  readonly star: StarPlaces;
  readonly delimiters: boolean;
  readonly lexicon: Lexicon | undefined;
  readonly utterances: UtteranceMode;
  readonly search: SearchMode;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: AlignProgress) => void) | undefined;
  /** Checked by `emissions`. */
  readonly emissions: EmissionOptions;
}

/** @throws UniSpeechError `bad-option`. */
export function checkAlignOptions(options: AlignOptions): CheckedAlignOptions {
  const known = [
    ...['boundaries', 'unknown', 'star', 'word_delimiters', 'lexicon', 'utterances', 'search'],
    ...['progress_callback', 'chunk_length_s', 'batch_size', 'max_duration_s', 'signal'],
  ];
  rejectUnknownOptions(options, known, 'align()');
  const { boundaries = 'extended', unknown = 'star', star = 'none', utterances = 'sentences' } = options;
  const { word_delimiters: delimiters = true, search = 'auto', lexicon, signal } = options;
  checkChoice('boundaries', boundaries, BOUNDARY_MODES);
  checkChoice('unknown', unknown, UNKNOWN_MODES);
  checkChoice('star', star, STAR_PLACES);
  checkChoice('utterances', utterances, UTTERANCE_MODES);
  checkChoice('search', search, SEARCH_MODES);
  checkBoolean('word_delimiters', delimiters);
  checkLexicon(lexicon);
  checkCallback('progress_callback', options.progress_callback);
  checkSignal(signal);
  const { chunk_length_s, batch_size, max_duration_s } = options;
  return {
    boundaries,
    unknown,
    star,
    delimiters,
    lexicon,
    utterances,
    search,
    signal,
    onProgress: options.progress_callback,
    emissions: {
      return_samples: boundaries === 'audio',
      ...(chunk_length_s !== undefined && { chunk_length_s }),
      ...(batch_size !== undefined && { batch_size }),
      ...(max_duration_s !== undefined && { max_duration_s }),
      ...(signal && { signal }),
    },
  };
}
