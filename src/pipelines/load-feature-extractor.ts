/**
 * The feature extractor of a model folder, in the layouts of transformers v4 and v5
 * (`models/auto/feature_extraction_auto.py`).
 */
import { Wav2Vec2FeatureExtractor } from '../audio/index.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { ModelFiles } from '../base/files.ts';
import { JsonFile, readJson } from '../base/json-file.ts';

/** The key of the options inside `processor_config.json`, and in some repositories inside the older file. */
const NESTED_KEYS = ['feature_extractor', 'audio_processor'] as const;
const CLASS_NAME = 'Wav2Vec2FeatureExtractor';

/**
 * Reads `processor_config.json` where it holds a feature extractor (v5), else `preprocessor_config.json` (v4).
 * @throws UniSpeechError `not-found` when neither is there, `bad-config`, `unsupported` for another class.
 */
export async function loadFeatureExtractor(
  files: ModelFiles,
  signal?: AbortSignal,
): Promise<Wav2Vec2FeatureExtractor> {
  const [processorFile, preprocessorFile] = await Promise.all(
    ['processor_config.json', 'preprocessor_config.json'].map(async (fileName) => {
      const json = await readJson(files, fileName, signal);
      return json === undefined ? undefined : new JsonFile(`${files.location}/${fileName}`, json);
    }),
  );
  const options =
    nestedOptions(processorFile) ??
    nestedOptions(preprocessorFile) ??
    (preprocessorFile && { file: preprocessorFile, json: objectOf(preprocessorFile) });
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
  const className = options.file.string('feature_extractor_type') ?? CLASS_NAME;
  if (className !== CLASS_NAME) {
    throw new UniSpeechError(
      'unsupported',
      `${options.file.name}: the feature extractor class ${JSON.stringify(className)} is not known.`,
      `UniSpeech models use ${CLASS_NAME}.`,
    );
  }
  return Wav2Vec2FeatureExtractor.fromConfig(options.json, options.file.name);
}

interface ExtractorOptions {
  readonly file: JsonFile;
  readonly json: unknown;
}

function nestedOptions(file: JsonFile | undefined): ExtractorOptions | undefined {
  const key = NESTED_KEYS.find((name) => file?.object(name) !== undefined);
  const nested = key === undefined ? undefined : file?.object(key);
  return nested && { file: nested, json: objectOf(nested) };
}

const objectOf = (file: JsonFile): unknown =>
  Object.fromEntries(file.keys().map((key) => [key, file.get(key)]));
