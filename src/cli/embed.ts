/** `unispeech embed`: the features of audio files as one file of arrays. */
import { inFileOrder, layOutSafetensors } from '../checkpoint/safetensors-writer.ts';
import { shownLocation } from '../base/shown-location.ts';
import { eachFile, openPipeline } from './audio-files.ts';
import { architectureOf } from './load-any-model.ts';
import { npyHeader } from './npy.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';
import type { EmbedCommand } from './usage.ts';
import { checkOutputFile, writeWholeFile } from './write-file.ts';

/** The features of one file: [frames, width], or [width] of the mean and of the speaker. */
interface NamedFeatures {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Writes nothing unless every file could be read: rows of an array have no names that could tell which is missing.
 * @returns the exit code.
 * @throws UniSpeechError; the signal's reason.
 */
export async function embed(command: EmbedCommand, signal: AbortSignal): Promise<number> {
  const output = { file: command.outFile, what: 'the file' };
  await checkOutputFile(output);
  const isOfSpeakers =
    command.speaker ?? (await architectureOf(command.model, signal)).endsWith('ForXVector');
  await using extract = isOfSpeakers
    ? await openPipeline('speaker-verification', command, signal)
    : await openPipeline('feature-extraction', command, signal);
  const all: NamedFeatures[] = [];
  const exitCode = await eachFile(command.files, signal, async (file, audio) => {
    const options = {
      normalize: command.normalize,
      ...(command.maxSeconds !== undefined && { max_duration_s: command.maxSeconds }),
      signal,
    };
    const { dims, data } =
      extract.task === 'speaker-verification'
        ? await extract(audio, options)
        : await extract(audio, { ...options, pooling: command.pooled ? 'mean' : 'none' });
    all.push({ name: shownLocation(file), shape: dims.slice(1), data });
  });
  if (exitCode !== 0) {
    process.stderr.write(
      `unispeech: ${printable(command.outFile)} was not written, as not every file could be read.\n`,
    );
    return exitCode;
  }
  await writeWholeFile(output, command.format === 'npy' ? toNpy(all) : toSafetensors(all));
  process.stdout.write(
    `${formatTable(all.map(({ name, shape }) => [printable(name), shape.join(' x ')]))}\n`,
  );
  return 0;
}

const bytesOf = ({ data }: NamedFeatures): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** One array: [files, width] of means and speakers, or the frames of the only file. */
function toNpy(all: readonly NamedFeatures[]): readonly Uint8Array[] {
  const [shape = []] = all.map((each) => each.shape);
  return [npyHeader(shape.length === 1 ? [all.length, ...shape] : shape), ...all.map(bytesOf)];
}

/** A tensor for each file, under its name as it was given. */
function toSafetensors(all: readonly NamedFeatures[]): readonly Uint8Array[] {
  const stored = all.map((each) => ({ ...each, dtype: 'F32' as const }));
  const { header, tensors } = layOutSafetensors(inFileOrder(stored), { format: 'pt' });
  return [header, ...tensors.map(bytesOf)];
}
