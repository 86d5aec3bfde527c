/** Heads that are loaded with the first model that has one. That of speech recognition, which most pages want, is at hand. */
import { loadPart } from '../../base/load-part.ts';
import type { HEADS } from './head-list.ts';
import type { Head } from './head.ts';

/** A head, or the name of one in `head-list.ts`. */
export type HeadChoice = Head<unknown> | LaterHead;
type LaterHead = keyof typeof HEADS;

/** What a model with this head returns. */
export type OutputOf<C extends HeadChoice> =
  (C extends LaterHead ? (typeof HEADS)[C] : C) extends Head<infer O> ? O : never;

/** @throws UniSpeechError `network` where its code is out of reach. */
export async function loadHead<C extends HeadChoice>(choice: C): Promise<Head<OutputOf<C>>> {
  const given: HeadChoice = choice;
  const head: Head<unknown> =
    typeof given === 'string'
      ? (await loadPart(import('./head-list.ts'), 'runs heads of models')).HEADS[given]
      : given;
  return head as Head<OutputOf<C>>;
}
