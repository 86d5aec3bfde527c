/** The options of the feature extractor: their defaults, as in the reference, and their checks. */
import { isRecord } from '../base/checks.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../base/errors.ts';
import { checkString } from '../base/option-checks.ts';
import type { ErrorCode } from '../base/errors.ts';

/** Options of the feature extractor, named as in `preprocessor_config.json`. */
export interface FeatureExtractorConfig {
  /** Values per sample: always 1. */
  readonly feature_size: number;
  /** In Hz. */
  readonly sampling_rate: number;
  readonly padding_value: number | null;
  /** `'left'` is accepted, but together with `do_normalize` and a mask it destroys the samples, as in the reference. */
  readonly padding_side: 'right' | 'left';
  readonly return_attention_mask: boolean;
  /** Zero mean and unit variance for each clip. */
  readonly do_normalize: boolean;
}

const DEFAULTS: FeatureExtractorConfig = {
  feature_size: 1,
  sampling_rate: 16_000,
  padding_value: 0,
  padding_side: 'right',
  return_attention_mask: false,
  do_normalize: true,
};
const NAMES = Object.keys(DEFAULTS);

const isBoolean = (value: unknown) => typeof value === 'boolean';

const CHECKS: Readonly<
  Record<string, { readonly expected: string; readonly accepts: (value: unknown) => boolean }>
> = {
  feature_size: { expected: '1', accepts: (value) => value === 1 },
  sampling_rate: {
    expected: 'a positive whole number of Hz',
    accepts: (value) => Number.isInteger(value) && Number(value) > 0,
  },
  padding_value: {
    expected: 'a number or null',
    accepts: (value) => value === null || Number.isFinite(value),
  },
  padding_side: { expected: '"right" or "left"', accepts: (value) => value === 'right' || value === 'left' },
  return_attention_mask: { expected: 'true or false', accepts: isBoolean },
  do_normalize: { expected: 'true or false', accepts: isBoolean },
};

/** @throws UniSpeechError `bad-option`, for unknown options too. */
export function resolveFeatureExtractorConfig(
  options: Partial<FeatureExtractorConfig>,
  where: string,
): FeatureExtractorConfig {
  rejectUnknownOptions(options, NAMES, where);
  checkValues(options, 'bad-option', where);
  return { ...DEFAULTS, ...options };
}

/** Ignores entries with unknown names. @throws UniSpeechError `bad-config`. */
export function featureExtractorConfigFromJson(
  json: unknown,
  fileName: string,
): Partial<FeatureExtractorConfig> {
  checkString('fileName', fileName);
  if (!isRecord(json)) {
    throw new UniSpeechError(
      'bad-config',
      `${fileName} must hold an object of feature extractor options, found ${describeValue(json)}.`,
    );
  }
  const known = Object.fromEntries(Object.entries(json).filter(([name]) => NAMES.includes(name)));
  checkValues(known, 'bad-config', fileName);
  return known;
}

/** The highest rate of sound cards. */
const MAX_SAMPLING_RATE = 768_000;

function checkValues(options: Partial<FeatureExtractorConfig>, code: ErrorCode, where: string): void {
  for (const [name, value] of Object.entries(options)) {
    const check = CHECKS[name];
    if (check !== undefined && !check.accepts(value)) {
      throw new UniSpeechError(
        code,
        `${where}: ${name} must be ${check.expected}, found ${describeValue(value)}.`,
      );
    }
  }
  const { sampling_rate = 0 } = options;
  if (sampling_rate > MAX_SAMPLING_RATE) {
    throw new UniSpeechError(
      code,
      `${where}: sampling_rate must be at most ${MAX_SAMPLING_RATE} Hz, found ${sampling_rate}.`,
    );
  }
}
