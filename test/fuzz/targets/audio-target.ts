/**
 * What all audio formats share: a mutant is decoded, mixed down and resampled, as for speech recognition.
 *
 * When is a result right? Its channels are of one length, its samples finite (else they are refused), and **no sound is lost in
 * silence**: where `mustKeep` says that the damage took no sound away, or that the file still tells how much there was, a result
 * that is shorter than the intact file's comes with a warning. Where `mustEqual` says that a checksum covers the damage, a result
 * of the same length without a warning holds the very samples of the intact file.
 */
import { platform } from '#platform';
import { resample } from '../../../src/audio/resample.ts';
import { toMono } from '../../../src/audio/downmix.ts';
import { toClips } from '../../../src/audio/clips.ts';
import type { AudioClip } from '../../../src/base/files.ts';
import { describeEdits, type Edit, mutateBytes, type MutatedBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { type FuzzAnswer, expectResult, type Mutant, type Target } from '../target.ts';

export interface AudioSeed {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where the headers end and sound begins. */
  readonly soundStart: number;
}

export interface AudioMutation extends MutatedBytes {
  /** The checksums were made right again: the file says what it says, and no oracle knows better. */
  readonly isRepaired?: boolean;
}

export interface AudioTargetOptions extends Pick<Target, 'name' | 'about' | 'extension'> {
  readonly seeds: () => readonly AudioSeed[];
  readonly tokens: readonly string[];
  readonly mustKeep: (edits: readonly Edit[], seed: AudioSeed) => boolean;
  readonly mustEqual?: (edits: readonly Edit[], seed: AudioSeed) => boolean;
  readonly repair?: (bytes: Uint8Array) => Uint8Array;
}

/** Edits that take nothing away. */
export const keepsBytes = (edit: Edit): boolean => edit.kind === 'overwrite' || edit.kind === 'insert';
/** The end of the file is the file's own. */
export const keepsEnd = (edit: Edit): boolean => edit.kind !== 'truncate' && edit.kind !== 'splice';

type Region = readonly [start: number, end: number];

const MODEL_RATE = 16_000;

export function audioTarget(options: AudioTargetOptions): Target {
  const { name, about, extension, tokens, repair } = options;
  const mutate = (seed: AudioSeed, others: readonly Uint8Array[], random: Random): AudioMutation => {
    // Headers may be most of a file, and much of them decides nothing.
    const region: Region = random.chance(0.5) ? [0, seed.bytes.length] : [seed.soundStart, seed.bytes.length];
    const mutated = mutateBytes(seed.bytes, random, { tokens, others, region });
    if (repair === undefined || random.chance(0.5)) return mutated;
    return { ...mutated, bytes: repair(mutated.bytes), isRepaired: true };
  };
  return {
    name,
    about,
    extension,
    async prepare() {
      const seeds = options.seeds();
      const intact = new Map<AudioSeed, AudioClip>();
      for (const seed of seeds) intact.set(seed, await platform.decodeAudio(seed.bytes, seed.name));
      return (random): Mutant => {
        const seed = random.pick(seeds);
        const others = seeds.map(({ bytes }) => bytes);
        const { bytes, edits, isRepaired = false } = mutate(seed, others, random);
        const mustKeep = !isRepaired && options.mustKeep(edits, seed);
        const mustEqual = !isRepaired && (options.mustEqual?.(edits, seed) ?? false);
        return {
          description: `${seed.name}: ${describeEdits(edits)}${isRepaired ? '; checksums repaired' : ''}`,
          content: () => bytes,
          run: async () => {
            const clip = await platform.decodeAudio(bytes, `mutant.${extension}`);
            return check(clip, { expected: intact.get(seed), mustKeep, mustEqual });
          },
        };
      };
    },
  };
}

interface Expectation {
  readonly expected: AudioClip | undefined;
  readonly mustKeep: boolean;
  readonly mustEqual: boolean;
}

function check(clip: AudioClip, { expected, mustKeep, mustEqual }: Expectation): FuzzAnswer {
  const { channels, sampleRate, warnings = [] } = clip;
  const sampleCount = channels[0]?.length ?? 0;
  expectResult(sampleCount > 0, 'a clip without samples');
  expectResult(
    channels.every(({ length }) => length === sampleCount),
    'channels of different lengths',
  );
  toClips(resample(toMono(clip), sampleRate, MODEL_RATE), 'The mutant');
  if (warnings.length > 0) return 'warning';
  const intactCount = expected?.channels[0]?.length ?? 0;
  expectResult(
    !mustKeep || sampleCount >= intactCount,
    `speech lost in silence: ${sampleCount} of ${intactCount} samples, and no warning`,
  );
  const isSame = channels.every((channel, index) =>
    channel.every((sample, position) => sample === expected?.channels[index]?.[position]),
  );
  expectResult(
    !mustEqual || sampleCount !== intactCount || isSame,
    'wrong sound in silence: other samples than those of the intact file, and no warning',
  );
  return 'result';
}
