/** The Auto classes for preprocessing. There is one processor class, one feature extractor class, and two tokenizer classes. */
import type { Wav2Vec2FeatureExtractor } from '../audio/feature-extractor.ts';
import { UniSpeechError } from '../base/errors.ts';
import { loadTokenizer, type Tokenizer } from '../text/load-tokenizer.ts';
import { readPreprocessor } from './read-preprocessor.ts';
import { loadFrom, type ProcessorLoadOptions, type TokenizerLoadOptions } from './pretrained.ts';
import { Wav2Vec2Processor } from './processor.ts';

/** Loads the processor of a model: its feature extractor and its tokenizer. */
export class AutoProcessor {
  static from_pretrained(
    location: string | URL,
    options: TokenizerLoadOptions = {},
  ): Promise<Wav2Vec2Processor> {
    return Wav2Vec2Processor.from_pretrained(location, options);
  }
}

/** Loads the tokenizer of a model. `tokenizer_config.json` says whether it has letters or phonemes. */
export class AutoTokenizer {
  /** @throws UniSpeechError `not-found` if the model has no tokenizer. */
  static from_pretrained(location: string | URL, options: TokenizerLoadOptions = {}): Promise<Tokenizer> {
    return loadFrom(location, options, async (files, { signal, target_lang }) => {
      const tokenizer = await loadTokenizer(files, signal, { target_lang });
      if (tokenizer) return tokenizer;
      throw new UniSpeechError(
        'not-found',
        `${files.location} has no tokenizer: neither tokenizer_config.json nor vocab.json nor tokenizer.json.`,
        files.missingFix ?? 'Put the vocab.json of the model beside its config.json.',
      );
    });
  }
}

/** Loads the feature extractor of a model. */
export class AutoFeatureExtractor {
  static from_pretrained(
    location: string | URL,
    options: ProcessorLoadOptions = {},
  ): Promise<Wav2Vec2FeatureExtractor> {
    return loadFrom(
      location,
      options,
      async (files, { signal }) => (await readPreprocessor(files, signal)).extractor,
    );
  }
}
