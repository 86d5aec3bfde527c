/** `unispeech profile`: shows where the time of one forward pass goes, or that of a whole file. */
import { SeededRandom } from '../base/seeded-random.ts';
import type { ModelOptions } from '../speech/core/load-options.ts';
import { AutoFeatureExtractor } from '../pipelines/auto.ts';
import { prepareClip } from '../pipelines/audio-source.ts';
import { traceEvents } from '../profile/index.ts';
import { type CountedProfile, formatProfile, isTimed, profileAsJson } from './format-profile.ts';
import { loadAnyModel } from './load-any-model.ts';
import { oneLine, printable, printableJson } from './printable.ts';
import { terminalProgress } from './terminal-progress.ts';
import { isOfWindows, profileFile } from './profile-file.ts';
import type { ProfileCommand } from './usage.ts';
import { checkOutputFile, writeWholeFile } from './write-file.ts';

const SAMPLE_RATE = 16_000;

/**
 * Runs once to warm up and once timed, prints the table, and writes the trace if requested. Returns the exit code, which is 1 if
 * the adapter cannot be timed.
 * @param options options of the model, in addition to the command's.
 * @throws the signal's reason.
 */
export async function profile(
  command: ProfileCommand,
  signal: AbortSignal,
  options: ModelOptions = {},
): Promise<number> {
  const output = command.traceFile === undefined ? undefined : { file: command.traceFile, what: 'the trace' };
  if (output) await checkOutputFile(output);
  const { counted, hasTimestamps } = isOfWindows(command)
    ? await profileFile(command, signal)
    : await profilePass(command, signal, options);
  process.stdout.write(
    command.json ? `${printableJson(profileAsJson(counted), 2)}\n` : formatProfile(counted),
  );
  if (!isTimed(counted)) {
    process.stderr.write(`unispeech: ${oneLine(whyUntimed(counted, hasTimestamps, command))}\n`);
    return 1;
  }
  if (output) {
    const trace = traceEvents(counted.profile, { model: command.model, audioSeconds: counted.audioSeconds });
    await writeWholeFile(output, [`${JSON.stringify(trace)}\n`]);
    process.stderr.write(`Trace: ${printable(output.file)}, to be opened at https://ui.perfetto.dev\n`);
  }
  return 0;
}

async function profilePass(
  command: ProfileCommand,
  signal: AbortSignal,
  options: ModelOptions,
): Promise<{ readonly counted: CountedProfile; readonly hasTimestamps: boolean }> {
  const input_values = await inputOf(command, signal);
  const progress = terminalProgress();
  const loading = loadAnyModel(command.model, {
    signal,
    dtype: command.dtype ?? null,
    ...(progress.callback && { progress_callback: progress.callback }),
    ...options,
  }).finally(() => progress.clear());
  await using model = await loading;
  await model({ input_values, signal });
  const counted: CountedProfile = {
    model: command.model,
    audioSeconds: input_values.length / SAMPLE_RATE,
    profile: await model.profile({ input_values, signal }),
    plannedSteps: model.explain([1, input_values.length]).steps,
  };
  return { counted, hasTimestamps: model.runner.context.capabilities.timestamps };
}

/** The model's input: the samples of the file, or noise. */
async function inputOf({ file, model, seconds }: ProfileCommand, signal: AbortSignal): Promise<Float32Array> {
  if (file === undefined) return new SeededRandom(1).normals(Math.round(seconds * SAMPLE_RATE));
  const extractor = await AutoFeatureExtractor.from_pretrained(model, { signal });
  const clip = await prepareClip(file, { sampleRate: extractor.config.sampling_rate, signal });
  const [samples = clip.samples] = extractor.extract(clip.samples).input_values;
  return samples;
}

function whyUntimed(
  { profile: { adapter }, plannedSteps }: CountedProfile,
  hasTimestamps: boolean,
  { traceFile }: ProfileCommand,
): string {
  const reason = hasTimestamps
    ? `There are no times: ${plannedSteps.length} dispatches are more than one set of GPU timestamps holds. Profile shorter audio.`
    : `There are no times: the adapter ${adapter} gives no GPU timestamps. Update its driver, or use another adapter.`;
  return traceFile === undefined ? reason : `${reason} No trace was written.`;
}
