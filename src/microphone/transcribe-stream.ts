/** Transcription of sound while it comes in, from wherever: chunks in, committed and tentative text out. */
import { abortable } from '../base/abortable.ts';
import { Agreement, type Unit } from './agreement.ts';
import { AudioWindow } from './audio-window.ts';
import { checkRecognize, isSilent, Listener, type Recognize, SAMPLE_RATE } from './hypothesis.ts';
import { checkStreamOptions, type TranscribeStreamOptions } from './options.ts';
import { checkChunks, type ChunkSource, Reader } from './reader.ts';
import { Transcript, type TranscriptUpdate } from './transcript.ts';

/**
 * Recognises a window of the newest audio again and again. What two looks agree on is committed and never changes; memory
 * and the time of a look are bounded by the window, however long the stream is. When recognition is slower than the sound,
 * looks are skipped, and chunks are taken from the source only as fast as they can be used.
 *
 * The end of the source commits everything. Leaving the loop ends the source too.
 * @param recognize the pipeline, of `pipeline()` or `createWorkerPipeline()`.
 * @throws UniSpeechError `bad-option`, `bad-input` for chunks that are no Float32Array; what the source and the recogniser
 * throw; the signal's reason.
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
  /** Of the window in the look before, in samples. */
  let seenEnd = 0;
  try {
    for (let isFinal = false; !isFinal;) {
      // What a source holds back is taken first: one long look costs less than many short ones.
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
      // Nothing new is left to look at when a stream ends right behind a look.
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
