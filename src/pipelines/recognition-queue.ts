/** A queue of clips that come one by one, as in a server: their pieces share batches, and each clip has its result as soon as it can. */
import { abortWith, whenAborted } from '../base/abortable.ts';
import { partsOf } from '../base/parts.ts';
import type { DecodedText } from '../decode/decoder.ts';
import { BatchRunner, isFatal, type RanPieces } from './batch-runner.ts';
import { ClipShare, type LiveBatch, type LiveLimits, LivePieces } from './live-pieces.ts';
import { OpenPlaces } from './open-places.ts';
import {
  checkQueuedClip,
  checkQueueOptions,
  type CheckedQueueOptions,
  type QueueBatch,
  type QueuedClipOptions,
  type RecognitionQueueOptions,
} from './queue-options.ts';
import { type QueueHost, type QueuedClip, queueClosed, type RecognitionQueue } from './queue.ts';
import { type ClipCallOptions, readClip } from './read-clip.ts';
import type { Recognition, WaitingPiece } from './recognition.ts';
import type { CheckedOptions } from './recognition-options.ts';
import {
  inClip,
  joinParts,
  shownText,
  type SpeechRecognitionOutput,
  type SpeechRecognitionPart,
} from './recognition-output.ts';
import { runAhead } from './run-ahead.ts';

type QueuePiece = WaitingPiece;

interface ClipInQueue {
  readonly id: string | undefined;
  readonly checked: ClipCallOptions & Pick<CheckedOptions, 'returnsTiming'>;
  readonly source: unknown;
  readonly share: ClipShare;
  /** Aborts when the clip is over, however it ends. */
  readonly leaving: AbortController;
  readonly taken: DecodedText[];
  readonly onPart: (part: SpeechRecognitionPart) => void;
  readonly resolve: (output: SpeechRecognitionOutput) => void;
  readonly reject: (error: unknown) => void;
  recognition: Recognition | undefined;
  isOver: boolean;
}

export class LiveQueue implements RecognitionQueue {
  readonly #host: QueueHost;
  readonly #options: CheckedQueueOptions;
  readonly #clips = new Set<ClipInQueue>();
  readonly #byRecognition = new Map<Recognition, ClipInQueue>();
  readonly #places = new OpenPlaces<ClipInQueue>((clip) => this.#read(clip));
  /** The loop over batches; undefined before the first clip, and after an error of all clips. */
  #running: { readonly pieces: LivePieces<QueuePiece>; readonly ended: Promise<void> } | undefined;
  #lastEnd = 0;
  #isClosed = false;
  #onEmpty: (() => void)[] = [];

  /** @throws UniSpeechError `bad-option`. */
  constructor(host: QueueHost, options: RecognitionQueueOptions) {
    this.#host = host;
    this.#options = checkQueueOptions(options);
  }

  get waiting(): { readonly clips: number; readonly pieces: number } {
    return { clips: this.#clips.size, pieces: this.#running?.pieces.waitingCount ?? 0 };
  }

  add(audio: unknown, options: QueuedClipOptions = {}): QueuedClip {
    const { isLow, id, call } = checkQueuedClip(options);
    const checked = this.#host.check(call);
    if (this.#isClosed) throw queueClosed();
    const leaving = new AbortController();
    const parts: SpeechRecognitionPart[] = [];
    let onPart = (part: SpeechRecognitionPart): void => void parts.push(part);
    const result = new Promise<SpeechRecognitionOutput>((resolve, reject) => {
      const clip: ClipInQueue = {
        id,
        checked,
        source: audio,
        share: new ClipShare({ isLow }),
        leaving,
        taken: [],
        onPart: (part) => onPart(part),
        resolve,
        reject,
        recognition: undefined,
        isOver: false,
      };
      this.#clips.add(clip);
      whenAborted(leaving.signal, () => this.#fail(clip, leaving.signal.reason));
      abortWith(leaving, checked.signal);
      if (!clip.isOver) this.#places.add(clip, isLow);
    });
    // Whoever reads only the parts has the error there.
    result.catch(() => undefined);
    return {
      result,
      parts: partsOf<SpeechRecognitionPart>((take) => {
        parts.splice(0).forEach((part) => take(part));
        onPart = take;
        return result;
      }),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#clips.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    this.#running?.pieces.close();
    await this.#running?.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Reads a clip to its end, no faster than the model takes its pieces. Never rejects. */
  async #read(clip: ClipInQueue): Promise<void> {
    const { checked, leaving } = clip;
    const { signal } = leaving;
    let endTurn = (): void => undefined;
    try {
      endTurn = await this.#host.hold(signal);
      const { pieces } = (this.#running ??= this.#start());
      const onStart = (recognition: Recognition): void => {
        clip.recognition = recognition;
        this.#byRecognition.set(recognition, clip);
      };
      const reading = { index: 0, position: undefined, ahead: 'many', signal, checked, onStart } as const;
      for await (const piece of readClip(clip.source, this.#host.parts(), reading)) {
        if (clip.isOver) return;
        pieces.add(clip.share, piece);
        await pieces.room(clip.share);
      }
      if (clip.recognition?.isDone) this.#advance(clip);
      // The language must not change before its last piece.
      await new Promise<void>((resolve) => whenAborted(signal, resolve));
    } catch (error) {
      this.#fail(clip, error);
    } finally {
      endTurn();
    }
  }

  #start(): { readonly pieces: LivePieces<QueuePiece>; readonly ended: Promise<void> } {
    const { maxBatch, maxBatchSeconds, lingerMilliseconds } = this.#options;
    const { isOfOneLength, sampleRate, seconds } = this.#host.limits();
    const limits: LiveLimits = {
      maxItems: maxBatch,
      maxSamples: (maxBatchSeconds ?? seconds) * sampleRate,
      isOfOneLength,
      lingerMilliseconds,
    };
    const pieces = new LivePieces<QueuePiece>(limits);
    return { pieces, ended: this.#run(pieces) };
  }

  /** Runs batches until the queue is closed. An error of all clips ends it; the next clip begins anew. */
  async #run(pieces: LivePieces<QueuePiece>): Promise<void> {
    const runner = new BatchRunner<DecodedText>(this.#host.parts(), (error) => !isFatal(error));
    const run = (batch: LiveBatch<QueuePiece>): Promise<RanPieces<DecodedText>> =>
      this.#runBatch(runner, batch);
    try {
      for await (const { results, failures } of runAhead(pieces.batches(), run, () => pieces.close())) {
        const touched = new Set<ClipInQueue>();
        for (const { recognition, error } of failures)
          this.#fail(this.#byRecognition.get(recognition), error);
        for (const { piece, frames } of results) {
          const clip = this.#byRecognition.get(piece.recognition);
          if (!clip || clip.isOver) continue;
          try {
            piece.recognition.push(piece, frames);
            touched.add(clip);
          } catch (error) {
            this.#fail(clip, error);
          }
        }
        touched.forEach((clip) => this.#advance(clip));
      }
    } catch (error) {
      // While the pieces are still those of this run: readers that wait for room there must go on to their end.
      for (const clip of this.#clips) this.#fail(clip, error);
      this.#running = undefined;
    }
  }

  async #runBatch(
    runner: BatchRunner<DecodedText>,
    batch: LiveBatch<QueuePiece>,
  ): Promise<RanPieces<DecodedText>> {
    const clips = new Set(batch.pieces.map(({ recognition }) => this.#byRecognition.get(recognition)));
    const running = [...clips].filter((clip) => clip !== undefined);
    // The work of a batch is given up when nobody waits for any of it.
    const leaving = new AbortController();
    const onLeave = (): void => {
      if (running.every(({ isOver }) => isOver)) leaving.abort();
    };
    const endWaits = running.map((clip) => whenAborted(clip.leaving.signal, onLeave));
    const { parts, limits } = this.#host;
    const { sampleRate } = limits();
    const lengths = batch.pieces.map(({ samples }) => samples.length);
    const facts = {
      ids: running.flatMap(({ id }) => (id === undefined ? [] : [id])),
      piece_count: lengths.length,
      audio_seconds: lengths.reduce((sum, length) => sum + length, 0) / sampleRate,
      padded_seconds: (Math.max(...lengths) * lengths.length) / sampleRate,
    };
    const start = performance.now();
    this.#report({ status: 'begin', ...facts });
    try {
      return await runner.run(batch.pieces, parts().decoder.reads, leaving.signal);
    } finally {
      for (const endWait of endWaits) endWait();
      const end = performance.now();
      const milliseconds = end - Math.max(start, this.#lastEnd);
      this.#lastEnd = end;
      batch.end();
      this.#report({ status: 'end', ...facts, milliseconds });
    }
  }

  /** What the callback throws is the caller's affair, and no failure of a clip. */
  #report(batch: QueueBatch): void {
    try {
      this.#options.onBatch?.(batch);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Gives what has become final of a clip. */
  #advance(clip: ClipInQueue): void {
    const { recognition, taken, checked } = clip;
    if (clip.isOver || !recognition) return;
    try {
      const part = recognition.take();
      taken.push(part);
      const warnings = recognition.takeWarnings();
      clip.onPart({
        ...shownText(inClip(part, recognition.startSeconds)),
        progress: recognition.progress,
        ...(warnings.length > 0 && { warnings }),
      });
      if (!recognition.isOver) return;
      const output = recognition.output(shownText(joinParts(taken)), checked.returnsTiming);
      this.#end(clip);
      clip.resolve(output);
    } catch (error) {
      this.#fail(clip, error);
    }
  }

  #fail(clip: ClipInQueue | undefined, error: unknown): void {
    if (!clip || clip.isOver) return;
    this.#end(clip);
    clip.reject(error);
  }

  #end(clip: ClipInQueue): void {
    clip.isOver = true;
    if (clip.recognition) {
      clip.recognition.isOver = true;
      this.#byRecognition.delete(clip.recognition);
    }
    this.#running?.pieces.remove(clip.share);
    this.#clips.delete(clip);
    this.#places.remove(clip);
    clip.leaving.abort();
    if (this.#clips.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}
