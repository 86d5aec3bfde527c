/**
 * The feature extractor of a model folder, in the layouts of transformers v4 and v5
 * (`models/auto/feature_extraction_auto.py`).
 */
import { Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import { type JsonFile, readJsonFile } from '../base/json-file.ts';

const CLASS_NAME = 'Wav2Vec2FeatureExtractor';

/** What the files of a feature extractor hold. */
export interface PreprocessorFiles {
  readonly extractor: Wav2Vec2FeatureExtractor;
  /** The class of the processor, where a file names it. */
  readonly processorClass: string | undefined;
}

/**
 * Reads `processor_config.json` if it contains a feature extractor (v5), else `preprocessor_config.json` (v4).
 * @throws UniSpeechError `not-found` if neither exists, `bad-config`, `unsupported` for another class.
 */
export async function readPreprocessor(files: ModelFiles, signal?: AbortSignal): Promise<PreprocessorFiles> {
  const [processorFile, preprocessorFile] = await Promise.all(
    ['processor_config.json', 'preprocessor_config.json'].map((fileName) =>
      readJsonFile(files, fileName, signal),
    ),
  );
  const options = nestedOptions(processorFile) ?? nestedOptions(preprocessorFile) ?? preprocessorFile;
  if (options === undefined) {
    throw new UniSpeechError(
      'not-found',
      processorFile === undefined
        ? `${files.location} has neither processor_config.json nor preprocessor_config.json.`
        : `${processorFile.name} has no "feature_extractor", and there is no preprocessor_config.json.`,
      files.missingFix ??
        'Put the one of the model beside its config.json: it says how audio must be prepared.',
    );
  }
  const className = options.string('feature_extractor_type') ?? CLASS_NAME;
  if (className !== CLASS_NAME) {
    throw new UniSpeechError(
      'unsupported',
      `${options.name}: the feature extractor class ${JSON.stringify(className)} is not known.`,
      `The models of this engine use ${CLASS_NAME}.`,
    );
  }
  return {
    extractor: Wav2Vec2FeatureExtractor.fromConfig(options.value, options.name),
    processorClass:
      processorFile?.string('processor_class') ?? preprocessorFile?.string('processor_class') ?? undefined,
  };
}

/** The options inside `processor_config.json`, and in some repositories inside the older file. */
const nestedOptions = (file: JsonFile | undefined): JsonFile | undefined =>
  file?.object('feature_extractor') ?? file?.object('audio_processor');
