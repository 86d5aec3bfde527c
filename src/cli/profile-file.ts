/** Times the recognition of a whole file, window by window, as `unispeech transcribe` runs it. */
import { SeededRandom } from '../base/seeded-random.ts';
import { chunkGrid } from '../pipelines/chunking.ts';
import { adapterTime } from '../profile/adapter-time.ts';
import type { RunReport } from '../speech/core/batch-parts.ts';
import { openPipeline } from './audio-files.ts';
import type { CountedProfile } from './format-profile.ts';
import type { ProfileCommand } from './usage.ts';

/** A file that is profiled in windows. */
export type FileProfileCommand = ProfileCommand & { readonly file: string; readonly chunkSeconds: number };

export const isOfWindows = (command: ProfileCommand): command is FileProfileCommand =>
  command.file !== undefined && command.chunkSeconds !== undefined;

/** @throws the signal's reason. */
export async function profileFile(
  command: FileProfileCommand,
  signal: AbortSignal,
): Promise<{ readonly counted: CountedProfile; readonly hasTimestamps: boolean }> {
  await using recognize = await openPipeline('automatic-speech-recognition', command, signal);
  const { model, processor } = recognize;
  const { runner } = model;
  const options = { chunk_length_s: command.chunkSeconds, return_timing: true, signal } as const;
  // Prepares the plan of all windows but the last.
  const { length: windowLength } = chunkGrid({
    chunkLengthSeconds: command.chunkSeconds,
    sampleRate: processor.feature_extractor.config.sampling_rate,
    samplesPerFrame: model.config.samplesPerOutputFrame,
  });
  await recognize(new SeededRandom(1).normals(windowLength), options);
  const reports: RunReport[] = [];
  runner.timing = true;
  runner.onReport = (report) => reports.push(report);
  const { timing } = await recognize(command.file, options);
  const { adapter, timestamps } = runner.context.capabilities;
  const busy = reports.flatMap((report) => report.busy);
  const counted: CountedProfile = {
    model: command.model,
    audioSeconds: timing?.audio_seconds ?? 0,
    profile: {
      adapter,
      encodeMilliseconds: reports.reduce((sum, { encodeMilliseconds }) => sum + encodeMilliseconds, 0),
      busy,
      spans: reports.flatMap(({ spans }) => spans),
      steps: reports.flatMap(({ steps }) => steps),
    },
    plannedSteps: model.explain([1, windowLength]).steps,
    windows: { count: reports.length, ...adapterTime(busy) },
  };
  return { counted, hasTimestamps: timestamps };
}
