/** The decoder of a pipeline: of the settings that its caller gives, of the files of its model, or of both. */
import { rejectUnknownOptions } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import type { OpenFilesOptions } from '../base/platform.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import { BeamSearchDecoder } from './beam-decoder.ts';
import { BEAM_OPTION_NAMES } from './beam-options.ts';
import { beamDecoder, type BeamDecoderOptions, closedOnError } from './create-decoder.ts';
import { readDecoderFiles } from './decoder-files.ts';
import { checkMemory } from './language-model.ts';

/** Plain settings of a decoder, which can be sent to a worker. */
export interface BeamSettings extends Omit<BeamDecoderOptions, 'labels' | 'signal'> {
  readonly type: 'beam';
}

export interface DecoderPlace {
  /** Of the model. */
  readonly files: ModelFiles;
  readonly tokenizer: Tokenizer;
  /** Whether the model comes with a decoder. */
  readonly hasDecoder: boolean;
  /** For a language model that lies somewhere else. */
  readonly filesOptions: OpenFilesOptions;
  readonly signal: AbortSignal | undefined;
}

/**
 * @param settings undefined for those of the model's files.
 * @returns undefined where the model's files cannot be found, and nothing else was asked for.
 * @throws UniSpeechError `bad-option`, and what the files throw.
 */
export async function pipelineDecoder(
  settings: BeamSettings | undefined,
  { files, tokenizer, hasDecoder, filesOptions, signal }: DecoderPlace,
): Promise<BeamSearchDecoder | undefined> {
  rejectUnknownOptions(
    settings ?? {},
    ['type', 'language_model', 'unigrams', 'memory_mb', ...BEAM_OPTION_NAMES],
    'decoder',
  );
  const { type: _, ...options } = settings ?? { type: 'beam' };
  const { language_model: source, unigrams: __, memory_mb, ...defaults } = options;
  if (!hasDecoder || (source !== undefined && source !== null))
    return beamDecoder({ ...options, signal }, filesOptions);
  // Wrong options are told before a large file is read.
  const memory = source === null ? undefined : checkMemory(memory_mb);
  new BeamSearchDecoder({ labels: undefined, languageModel: undefined, defaults });
  const found = await readDecoderFiles(files, tokenizer, memory, signal);
  if (!found) return settings && beamDecoder({ ...options, signal }, filesOptions);
  const given = Object.entries(defaults).filter(([, value]) => value !== undefined && value !== null);
  const own = { ...found.defaults, ...Object.fromEntries(given) };
  return closedOnError(
    found.languageModel,
    () => new BeamSearchDecoder({ ...found, ownsModel: true, defaults: own }),
  );
}
