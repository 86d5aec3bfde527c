/** What runs tasks other than speech recognition, loaded with the first call of each. */
import { loadPart } from '../base/load-part.ts';
import type { classifyClips as classifyClipsNow } from './classify-clips.ts';
import type { compareSpeakers as compareSpeakersNow } from './compare-speakers.ts';
import type { diarizeClips as diarizeClipsNow } from './diarize-clips.ts';
import type { embedSpeakers as embedSpeakersNow } from './embed-speakers.ts';
import type { extractFeatures as extractFeaturesNow } from './extract-features.ts';

/** `classifyClips` of `classify-clips.ts`. */
export const classifyClips = async (
  ...args: Parameters<typeof classifyClipsNow>
): ReturnType<typeof classifyClipsNow> =>
  (await loadPart(import('./classify-clips.ts'), 'runs this task')).classifyClips(...args);

/** `diarizeClips` of `diarize-clips.ts`. */
export const diarizeClips = async (
  ...args: Parameters<typeof diarizeClipsNow>
): ReturnType<typeof diarizeClipsNow> =>
  (await loadPart(import('./diarize-clips.ts'), 'runs this task')).diarizeClips(...args);

/** `embedSpeakers` of `embed-speakers.ts`. */
export const embedSpeakers = async (
  ...args: Parameters<typeof embedSpeakersNow>
): ReturnType<typeof embedSpeakersNow> =>
  (await loadPart(import('./embed-speakers.ts'), 'runs this task')).embedSpeakers(...args);

/** `extractFeatures` of `extract-features.ts`. */
export const extractFeatures = async (
  ...args: Parameters<typeof extractFeaturesNow>
): ReturnType<typeof extractFeaturesNow> =>
  (await loadPart(import('./extract-features.ts'), 'runs this task')).extractFeatures(...args);

/** `compareSpeakers` of `compare-speakers.ts`. */
export const compareSpeakers = async (
  ...args: Parameters<typeof compareSpeakersNow>
): ReturnType<typeof compareSpeakersNow> =>
  (await loadPart(import('./compare-speakers.ts'), 'runs this task')).compareSpeakers(...args);
