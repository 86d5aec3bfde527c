/** Transcribes sound while it comes in, from any source: chunks in, committed and tentative text out. */
import { abortable } from '../base/abortable.ts';
import { Agreement, type Unit } from './agreement.ts';
import { AudioWindow } from './audio-window.ts';
import { checkRecognize, isSilent, Listener, type Recognize, SAMPLE_RATE } from './hypothesis.ts';
import { checkStreamOptions, type TranscribeStreamOptions } from './options.ts';
import { checkChunks, type ChunkSource, Reader } from './reader.ts';
import { Transcript, type TranscriptUpdate } from './transcript.ts';

/**
 * Recognises a window of the newest audio repeatedly. Words on which two recognitions agree are committed and never change. The
 * window bounds memory and time per recognition, however long the stream is. If recognition is slower than the sound,
 * recognitions are skipped, and chunks are taken from the source only as fast as they can be used.
 *
 * The end of the source commits everything. Leaving the loop ends the source, too.
 * @param recognize the pipeline from `pipeline()` or `createWorkerPipeline()`.
 * @throws UniSpeechError `bad-option`, `bad-input` for chunks that are not a Float32Array; errors of the source and the recogniser;
 * the signal's reason.
 */
export async function* transcribeStream(
  recognize: Recognize,
  chunks: ChunkSource,
  options: TranscribeStreamOptions = {},
): AsyncGenerator<TranscriptUpdate, void, undefined> {
  const settings = checkStreamOptions(options);
  checkRecognize(recognize);
  checkChunks(chunks);
  const { signal, stepSeconds, windowSeconds, silenceLevel } = settings;
  signal?.throwIfAborted();
  const window = new AudioWindow(Math.round(windowSeconds * SAMPLE_RATE));
  const agreement = new Agreement(settings);
  const listener = new Listener(recognize, settings.timestamps, signal);
  const transcript = new Transcript();
  const reader = new Reader(chunks, settings.sampleRate, window);
  let units: readonly Unit[] = [];
  /** End of the window in the previous recognition, in samples. */
  let seenEnd = 0;
  try {
    for (let isFinal = false; !isFinal;) {
      // Audio that the source holds is taken first, because one long recognition costs less than many short ones.
      const isWorthALook = () =>
        reader.hasEnded ||
        window.isFull ||
        (window.end - seenEnd >= stepSeconds * SAMPLE_RATE && !chunks.queuedSeconds);
      while (!isWorthALook()) await abortable(reader.whenMore(), signal);
      signal?.throwIfAborted();
      reader.throwIfFailed();
      isFinal = reader.hasEnded;
      const { start, end, isFull } = window;
      const unsettled = window.view(Math.round(agreement.committedUntil * SAMPLE_RATE));
      // Nothing new is left if the stream ends directly after a recognition.
      if (end > seenEnd) {
        units = isSilent(unsettled, silenceLevel)
          ? []
          : await abortable(listener.listen(window.view(), start / SAMPLE_RATE), signal);
      }
      seenEnd = end;
      const { committed, tentative, cut } = agreement.next(units, {
        start: start / SAMPLE_RATE,
        end: end / SAMPLE_RATE,
        mode: isFinal ? 'flush' : isFull ? 'commit' : 'grow',
      });
      window.cut(Math.round(cut * SAMPLE_RATE));
      reader.makeRoom();
      yield {
        ...transcript.add(committed, tentative, listener.separator),
        audioSeconds: end / SAMPLE_RATE,
        behindSeconds: (window.end - end) / SAMPLE_RATE + (chunks.queuedSeconds ?? 0),
        droppedSeconds: chunks.droppedSeconds ?? 0,
        isFinal,
      };
    }
  } finally {
    reader.stop();
  }
}
