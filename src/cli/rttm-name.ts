/** Names of audio as RTTM, CTM and EAF have them. */
import { shownLocation } from '../base/shown-location.ts';
import { printable } from './printable.ts';

/** A name for a field of RTTM or CTM, which has no white space. */
export const rttmField = (name: string): string => printable(name).replaceAll(/\s+/g, '_') || '_';

/** What RTTM calls an audio file: the last part of its path without the ending. */
export function rttmName(file: string): string {
  if (file === '-') return 'stdin';
  const name = shownLocation(file).replace(/^.*[\\/]/, '');
  return rttmField(name.replace(/(?<=.)\.[^.]*$/, ''));
}

/** The options of EAF for an audio file. ELAN asks for one that it does not find. */
export const eafOptions = (file: string): { readonly media?: string } =>
  file === '-' ? {} : { media: printable(shownLocation(file)) };
