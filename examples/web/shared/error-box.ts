/** One box for whatever went wrong: what happened and what to do; the page goes on working. */
import { UniSpeechError } from 'unispeech-webgpu';
import { make } from './dom.ts';

/** Shows errors in `place`, an empty element of the page with role="alert". */
export class ErrorBox {
  readonly #place: HTMLElement;

  constructor(place: HTMLElement) {
    this.#place = place;
  }

  clear(): void {
    this.#place.replaceChildren();
  }

  /** @param what was tried, such as `Cannot transcribe talk.mp3`. */
  show(what: string, error: unknown): void {
    const { problem, fix } = describe(error);
    const dismiss = make('button', { type: 'button' }, 'Close');
    dismiss.addEventListener('click', () => this.clear());
    this.#place.replaceChildren(
      make(
        'div',
        { className: 'error-box' },
        make('strong', {}, what),
        make('p', {}, problem),
        ...(fix === undefined ? [] : [make('p', { className: 'muted' }, fix)]),
        dismiss,
      ),
    );
  }
}

/** What happened and what to do, which get a line each. */
function describe(error: unknown): { readonly problem: string; readonly fix: string | undefined } {
  if (error instanceof UniSpeechError) return { problem: error.sentence, fix: error.fix };
  return { problem: error instanceof Error ? error.message : String(error), fix: undefined };
}

/** Whether this is how a cancelled call ends: nothing to show. */
export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError';
