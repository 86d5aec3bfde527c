/** Records the microphone into one file, for as long as the user wants. */
import { UniSpeechError } from 'unispeech-webgpu';

export class Recorder {
  #recorder: MediaRecorder | undefined;

  get isRecording(): boolean {
    return this.#recorder !== undefined;
  }

  /**
   * @returns the sound that is recorded, for listening to at the same time.
   * @throws UniSpeechError `unsupported` when there is no microphone or the user does not allow it. */
  async start(): Promise<MediaStream> {
    const stream = await openMicrophone();
    this.#recorder = new MediaRecorder(stream);
    this.#recorder.start();
    return stream;
  }

  /** Ends the recording and closes the microphone. @returns the recording in the browser's own format. */
  async stop(): Promise<Blob> {
    const recorder = this.#recorder;
    if (!recorder) throw new Error('no recording is under way');
    this.#recorder = undefined;
    const parts: Blob[] = [];
    recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
    await new Promise((resolve) => {
      recorder.addEventListener('stop', resolve);
      recorder.stop();
    });
    for (const track of recorder.stream.getTracks()) track.stop();
    return new Blob(parts, { type: recorder.mimeType });
  }
}

async function openMicrophone(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (cause) {
    const isRefused = cause instanceof DOMException && cause.name === 'NotAllowedError';
    throw new UniSpeechError(
      'unsupported',
      isRefused ? 'This page may not use the microphone.' : 'This browser offers no microphone here.',
      isRefused
        ? "Allow the microphone in the browser's settings of this page."
        : 'Connect one, or choose a file instead.',
      { cause },
    );
  }
}
