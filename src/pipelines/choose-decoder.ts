/** Chooses what makes text of logits: what the caller asks for, else what the files of the model are for. Code of beams is loaded where it is used. */
import { isRecord } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import type { ModelFiles, WarningCallback } from '../base/files.ts';
import { loadPart } from '../base/load-part.ts';
import { badOption } from '../base/option-checks.ts';
import type { BeamSettings } from '../beam/pipeline-decoder.ts';
import type { DecoderKind } from '../decode/decoder.ts';
import { GreedyDecoder } from '../decode/greedy-decoder.ts';
import { openFilesOptions } from '../speech/core/load-options.ts';
import type { Tokenizer } from '../text/load-tokenizer.ts';
import type { ProcessorLoadOptions } from './pretrained.ts';

/**
 * `'greedy'` or false takes the likeliest token of each frame. Settings of type `beam` search for the likeliest text, with a language model if they name one or
 * the model comes with one. An object is a decoder of `unispeech-webgpu/beam`, or one of the caller's own.
 */
export type DecoderChoice = 'greedy' | false | BeamSettings | DecoderKind;

/** The most likely token of each frame. */
export const GREEDY: DecoderKind = {
  reads: 'tokens',
  measures: true,
  create: (options) => new GreedyDecoder(options),
};

/** @throws UniSpeechError `bad-option` for anything else. */
export function checkDecoderChoice(choice: unknown): asserts choice is DecoderChoice | null | undefined {
  if (choice === undefined || choice === null || choice === false || choice === 'greedy') return;
  if (isRecord(choice) && (choice.type === 'beam' || isDecoderKind(choice))) return;
  throw badOption(
    'decoder',
    choice,
    "'greedy', settings { type: 'beam', … }, or a decoder of unispeech-webgpu/beam",
  );
}

const isDecoderKind = (choice: object): choice is DecoderKind =>
  'create' in choice &&
  typeof choice.create === 'function' &&
  'reads' in choice &&
  (choice.reads === 'tokens' || choice.reads === 'logits');

export interface ModelOfDecoder {
  readonly files: ModelFiles;
  readonly tokenizer: Tokenizer | undefined;
  /** As the files of the processor say it. */
  readonly processorClass: string | undefined;
  readonly warn: WarningCallback;
}

/** @throws UniSpeechError `bad-option`, and what the files of the decoder throw. */
export async function chooseDecoder(
  choice: DecoderChoice | null | undefined,
  { files, tokenizer, processorClass, warn }: ModelOfDecoder,
  location: string | URL,
  options: ProcessorLoadOptions,
): Promise<DecoderKind> {
  const hasDecoder = processorClass?.endsWith('WithLM') === true;
  if (choice === 'greedy' || choice === false || !tokenizer) return GREEDY;
  if (choice && !isSettings(choice)) return choice;
  if (!choice && !hasDecoder) return GREEDY;
  const decoder = await (
    await loadPart(import('../beam/pipeline-decoder.ts'), 'searches for the likeliest text')
  ).pipelineDecoder(choice ?? undefined, {
    files,
    tokenizer,
    hasDecoder,
    filesOptions: openFilesOptions(location, options),
    signal: options.signal,
  });
  if (decoder) return decoder;
  warn(
    'language-model-unused',
    `${files.location} has a language model (${describeValue(processorClass)}), but its server does not list the files, so texts are decoded without it. ` +
      "Name its file: decoder: { type: 'beam', language_model: URL }.",
  );
  return GREEDY;
}

const isSettings = (choice: DecoderChoice): choice is BeamSettings =>
  typeof choice === 'object' && 'type' in choice;

/** @throws UniSpeechError `bad-option` where a decoder has no settings of this name, or none at all. */
export function checkDecoderSettings(
  decoder: DecoderKind,
  settings: unknown,
): asserts settings is object | undefined {
  if (settings === undefined || settings === null) return;
  if (!isRecord(settings)) throw badOption('decoder_kwargs', settings, 'an object');
  if (!decoder.checkSettings)
    throw new UniSpeechError(
      'bad-option',
      'decoder_kwargs is of use only with beam search, and this pipeline takes the likeliest token of each frame.',
      "Load it with decoder: { type: 'beam', … }.",
    );
  decoder.checkSettings(settings);
}
