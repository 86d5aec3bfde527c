/** The options of `from_pretrained`, checked by name and value, because a silently ignored option is worse than an error. */
import { isRecord, isUrl } from '../../base/checks.ts';
import { describeValue, rejectUnknownOptions, UniSpeechError } from '../../base/errors.ts';
import type { ProgressCallback } from '../../base/files.ts';
import type { OpenFilesOptions } from '../../base/platform.ts';
import { badOption, checkBoolean, checkCallback, checkSignal } from '../../base/option-checks.ts';
import { warningsTo } from '../../base/warnings.ts';
import { DTYPES, isDtype, type Dtype } from '../encoder/weight-dtype.ts';

/** Whether variants of the matrix product are chosen by measurement. */
export const TUNE_MODES = ['auto', 'full', 'off'] as const;
export type TuneMode = (typeof TUNE_MODES)[number];

export interface PretrainedOptions {
  /** `'webgpu'` (or `'gpu'`, `'auto'`), or the caller's `GPUDevice`, which the engine never destroys. */
  readonly device?: 'webgpu' | 'gpu' | 'auto' | GPUDevice | null;
  /**
   * Precision of the weights on the GPU. `'fp16'`, `'q8'` and `'q4'` take half, about a quarter and about an eighth of the
   * memory. They are made while the model loads, from a checkpoint of any precision. Arithmetic is always float32. `'auto'` is
   * `'fp32'`, or the dtype that `unispeech quantize` gave the checkpoint.
   */
  readonly dtype?: Dtype | 'auto' | null;
  readonly progress_callback?: ProgressCallback | null;
  /** Cancels the load. The promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Whether the model is stored and read from there: in the browser's storage or, in Node, a Hugging Face id in the folder that
   * Python's `huggingface_hub` keeps. Default: true. Node stores nothing else, and refuses true for it. False also means that
   * `tune` neither stores nor reads measurements.
   */
  readonly cache?: boolean;
  /** Node: the folder for Hugging Face ids, in place of `HF_HUB_CACHE` or `$HF_HOME/hub`. Refused in browsers. */
  readonly cache_dir?: string | null;
  /** Requests nothing: only files that are stored are used. Node refuses it for URLs. `HF_HUB_OFFLINE=1` does the same for ids there. */
  readonly local_files_only?: boolean | null;
  /** Branch, tag, commit or `refs/pr/N` of a Hugging Face repository. Default: `'main'`. */
  readonly revision?: string | null;
  /** Which of several sets of weights is loaded: `'fp16'` takes `model.fp16.safetensors` in place of `model.safetensors`. */
  readonly variant?: string | null;
  /**
   * Grants access to a private or gated Hugging Face repository. It is sent to the hub, and to no host that the hub redirects to.
   * In Node, the default is `HF_TOKEN`, or the token that `hf auth login` stored. False sends none. True means that one must be there.
   */
  readonly token?: string | boolean | null;
  /**
   * A download that brings no byte for this many seconds counts as dropped and is resumed, at most three times in a row. Default: 30.
   * Maximum: 86,400 (a day).
   */
  readonly stall_timeout_s?: number | null;
  /**
   * How variants of the matrix product are chosen. `'auto'` uses stored measurements of this adapter. If there are none and they can be
   * stored, it measures a GPU for at most a second. `'full'` measures all products of the model, however long it takes, and stores the
   * result. `'off'` measures and reads nothing. Another choice may change the last bits of results. A loaded model never changes its choices.
   */
  readonly tune?: TuneMode | null;
  /**
   * The language of a CTC model with adapters (MMS), by the name of its file: `'fra'` loads `adapter.fra.safetensors`, and a vocabulary
   * that is nested by language is that of it. Default: the weights of the model's own file, the language of tokenizer_config.json.
   */
  readonly target_lang?: string | null | undefined;
}

/** Options of the model classes. */
export interface ModelOptions extends PretrainedOptions {
  /**
   * The meaning of the last hidden state of a `do_stable_layer_norm` model. `'current'` (transformers since 5.17) is the raw
   * output of the last layer. `'classic'` (releases before mid-2026) is the output after the final layer norm. Default: `'classic'` if
   * config.json says `"tie_last_hidden_states": true`, and, with a warning, for a head that weighs hidden states in a model that
   * transformers before 5.17 saved: it was trained so. Else `'current'`.
   */
  readonly hiddenStatesConvention?: 'current' | 'classic';
}

export const PRETRAINED_OPTION_NAMES = [
  'device',
  'dtype',
  'progress_callback',
  'signal',
  'cache',
  'cache_dir',
  'local_files_only',
  'revision',
  'variant',
  'token',
  'stall_timeout_s',
  'tune',
  'target_lang',
] as const;
const MODEL_OPTION_NAMES = [...PRETRAINED_OPTION_NAMES, 'hiddenStatesConvention'];

const MAX_STALL_SECONDS = 86_400;
/** Longer than any path or address that a system accepts. */
const MAX_LOCATION_LENGTH = 32_768;

/** @throws UniSpeechError `bad-option` for anything but a text, and for an empty text. */
export function checkLocation(location: unknown): void {
  const text = isUrl(location) ? location.href : location;
  const isName = typeof text === 'string' && text.trim() !== '' && !text.includes('\0');
  if (isName && text.length <= MAX_LOCATION_LENGTH) return;
  throw new UniSpeechError(
    'bad-option',
    `The model is ${describeValue(text)}, expected a folder or URL; there is no default model.`,
    'Give a Hugging Face id such as owner/name, a folder, or the URL of one.',
  );
}

/** The loading options for opening the files of a model. */
export function openFilesOptions(
  location: string | URL,
  options: {
    readonly cache?: unknown;
    readonly cache_dir?: unknown;
    readonly local_files_only?: unknown;
    readonly revision?: unknown;
    readonly token?: unknown;
    readonly stall_timeout_s?: unknown;
    readonly progress_callback?: ProgressCallback | null | undefined;
  },
): OpenFilesOptions {
  checkLocation(location);
  const { cache, revision, stall_timeout_s: seconds = null, progress_callback } = options;
  const { token, cache_dir: cacheDir, local_files_only: localFilesOnly } = options;
  checkCallback('progress_callback', progress_callback);
  if (cache !== undefined && typeof cache !== 'boolean') throw badOption('cache', cache, 'true or false');
  checkText('revision', revision);
  checkText('cache_dir', cacheDir);
  checkBoolean('local_files_only', localFilesOnly);
  if (typeof token !== 'boolean') checkText('token', token);
  if (localFilesOnly === true && cache === false)
    throw badOption('cache', cache, 'true where local_files_only allows stored files alone');
  // Timers of more than 24 days end at once.
  if (seconds !== null && !(typeof seconds === 'number' && seconds > 0 && seconds <= MAX_STALL_SECONDS))
    throw badOption(
      'stall_timeout_s',
      seconds,
      `a number of seconds above 0 and of at most ${MAX_STALL_SECONDS}`,
    );
  const stallTimeoutMs = seconds === null ? undefined : 1000 * seconds;
  const onWarning = warningsTo(progress_callback, String(location));
  return { cache, cacheDir, localFilesOnly, revision, token, stallTimeoutMs, onWarning };
}

/** @throws UniSpeechError `bad-option` for anything but text, null or undefined, and for an empty text. */
function checkText(name: string, value: unknown): asserts value is string | null | undefined {
  if (value !== undefined && value !== null && (typeof value !== 'string' || value === ''))
    throw badOption(name, value, 'a string that is not empty');
}

/** @throws UniSpeechError `bad-option` or `unsupported`. */
export function checkModelOptions(options: ModelOptions, where: string): void {
  rejectUnknownOptions(options, MODEL_OPTION_NAMES, where);
  checkSignal(options.signal);
  const device: unknown = options.device ?? 'auto';
  if (typeof device === 'string' && !['webgpu', 'gpu', 'auto'].includes(device)) {
    throw new UniSpeechError(
      'unsupported',
      `The device ${describeValue(device)} is not supported: this engine runs on WebGPU only.`,
      "Use device: 'webgpu', or pass a GPUDevice.",
    );
  }
  if (typeof device !== 'string' && !isDevice(device))
    throw badOption('device', device, "'webgpu' or a GPUDevice");
  const dtype: unknown = options.dtype ?? 'auto';
  if (dtype !== 'auto' && !isDtype(dtype)) {
    throw new UniSpeechError(
      'unsupported',
      `The dtype ${describeValue(dtype)} is not supported.`,
      `Use ${DTYPES.map((name) => `'${name}'`).join(', ')} or 'auto'.`,
    );
  }
  const variant: unknown = options.variant ?? 'none';
  if (typeof variant !== 'string' || !/^[\w.-]{1,100}$/.test(variant))
    throw badOption('variant', variant, 'a part of a file name such as "fp16"');
  const tune: unknown = options.tune ?? 'auto';
  if (!(TUNE_MODES as readonly unknown[]).includes(tune))
    throw badOption('tune', tune, TUNE_MODES.map((mode) => `'${mode}'`).join(', '));
  const convention: unknown = options.hiddenStatesConvention ?? 'current';
  if (convention !== 'current' && convention !== 'classic')
    throw badOption('hiddenStatesConvention', convention, '"current" or "classic"');
}

/** Checks the properties that the engine needs, so that devices of other realms and bindings pass. */
const isDevice = (value: unknown): boolean =>
  isRecord(value) &&
  typeof value.createBuffer === 'function' &&
  isRecord(value.queue) &&
  isRecord(value.limits) &&
  isRecord(value.features);
