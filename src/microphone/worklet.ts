/** Runs in the audio thread, as `microphone-worklet.js`: hands the samples of its input to the page, a tenth of a second at a time. */

// A module for its types' sake: what is declared below stays in this file.
export {};

// TypeScript has no library of types for this place.
declare const sampleRate: number;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class MicrophoneProcessor extends AudioWorkletProcessor {
  #chunk = new Float32Array(Math.ceil(sampleRate / 10));
  #filled = 0;

  /** The first input is mono: the node asks for it. A source without sound may send nothing: that is silence. */
  process(
    [input]: readonly (readonly Float32Array[])[],
    [output]: readonly (readonly Float32Array[])[],
  ): boolean {
    const samples = input?.[0] ?? new Float32Array(output?.[0]?.length ?? 0);
    for (let taken = 0; taken < samples.length;) {
      const part = samples.subarray(taken, taken + this.#chunk.length - this.#filled);
      this.#chunk.set(part, this.#filled);
      this.#filled += part.length;
      taken += part.length;
      if (this.#filled < this.#chunk.length) continue;
      this.port.postMessage(this.#chunk, [this.#chunk.buffer]);
      this.#chunk = new Float32Array(Math.ceil(sampleRate / 10));
      this.#filled = 0;
    }
    // The page disconnects the node and closes its context.
    return true;
  }
}

registerProcessor('unispeech-microphone', MicrophoneProcessor);
