/** The API's tokenizers and processor, and what runs around a model. The model itself needs a GPU: test/speech/hostile-values.gpu.test.ts. */
import { Wav2Vec2FeatureExtractor } from '../../../src/audio/feature-extractor.ts';
import { UniSpeechConfig } from '../../../src/speech/families/unispeech.ts';
import { attendedFrames, frameCodes, readAudioBatch } from '../../../src/speech/core/inputs.ts';
import { transcribeMicrophone, transcribeStream } from '../../../src/microphone/index.ts';
import { prepareClip } from '../../../src/pipelines/audio-source.ts';
import { Wav2Vec2Processor } from '../../../src/pipelines/processor.ts';
import { GREEDY } from '../../../src/pipelines/choose-decoder.ts';
import { checkRecognitionOptions } from '../../../src/pipelines/recognition-options.ts';
import { planChunks } from '../../helpers/plan-chunks.ts';
import { kernelFamily, kernelShares, showInDevTools, traceEvents } from '../../../src/profile/index.ts';
import { Wav2Vec2CTCTokenizer } from '../../../src/text/ctc-tokenizer.ts';
import { Wav2Vec2PhonemeCTCTokenizer } from '../../../src/text/phoneme-tokenizer.ts';
import { expectResult } from '../target.ts';
import type { ApiCall } from './api.ts';
import { readJsonSeed } from './read-seed.ts';

const clip = (length = 500): Float32Array => new Float32Array(length).fill(0.1);
const VOCABULARY = { '<pad>': 0, '<s>': 1, '</s>': 2, '<unk>': 3, '|': 4, A: 5, B: 6 };
const TOKENIZER_KEYS = [
  ...['bos_token', 'eos_token', 'unk_token', 'pad_token', 'word_delimiter_token', 'extra_special_tokens'],
  ...['added_tokens', 'clean_up_tokenization_spaces', 'padding_side', 'do_lower_case', 'target_lang'],
];
const DECODE_KEYS = [
  ...['skip_special_tokens', 'clean_up_tokenization_spaces', 'group_tokens', 'spaces_between_special_tokens'],
  ...['output_char_offsets', 'output_word_offsets'],
];
const ENCODE_KEYS = [
  'padding',
  'max_length',
  'truncation',
  'pad_to_multiple_of',
  'return_tensor',
  'add_special_tokens',
];
const CALL_KEYS = [
  ...[
    'return_timestamps',
    'chunk_length_s',
    'cut',
    'stride_length_s',
    'batch_size',
    'return_timing',
    'signal',
    'max_audio_s',
  ],
];
const STREAM_KEYS = [
  ...['sampling_rate', 'return_timestamps', 'step_length_s', 'window_length_s', 'guard_length_s'],
  ...['silence_level', 'signal'],
];
const STEP = {
  name: 's',
  kernel: 'gemm_16x32',
  workgroups: [1, 1, 1],
  byteCount: 8,
  flops: 2,
  nanoseconds: 5,
  startMilliseconds: 1,
};
const PROFILE = {
  adapter: 'a',
  encodeMilliseconds: 1,
  busy: [{ start: 0, end: 1 }],
  spans: [{ name: 'encode', start: 0, end: 1 }],
  steps: [STEP],
};

const tokenizerCalls = (): readonly ApiCall[] => {
  const letters = new Wav2Vec2CTCTokenizer(VOCABULARY, { onWarning: () => undefined });
  const processor = new Wav2Vec2Processor(new Wav2Vec2FeatureExtractor(), letters);
  const quiet = (options: unknown): unknown =>
    typeof options === 'object' && options !== null ? { onWarning: () => undefined, ...options } : options;
  return [
    {
      name: 'new Wav2Vec2CTCTokenizer',
      right: () => [VOCABULARY, {}],
      keys: { 0: ['A', '<pad>', 'x'], 1: TOKENIZER_KEYS },
      call: (vocabulary: object, options: object) => {
        const tokenizer = new Wav2Vec2CTCTokenizer(vocabulary, quiet(options) as object);
        expectResult(typeof tokenizer.decode([5, 4, 6]) === 'string', 'decoded is no string');
      },
    },
    {
      name: 'new Wav2Vec2PhonemeCTCTokenizer',
      right: () => [VOCABULARY, {}],
      keys: { 1: [...TOKENIZER_KEYS, 'phone_delimiter_token', 'do_phonemize', 'phonemizer_lang'] },
      call: (vocabulary: object, options: object) =>
        new Wav2Vec2PhonemeCTCTokenizer(vocabulary, quiet(options) as object).decode([5, 4, 6]),
    },
    {
      name: 'tokenizer()',
      right: () => ['A B', {}],
      keys: { 1: ENCODE_KEYS },
      call: (...args: Parameters<typeof letters>) => letters(...args),
    },
    {
      name: 'tokenizer.decode',
      right: () => [[5, 5, 0, 4, 6], {}],
      keys: { 1: DECODE_KEYS },
      call: (...args: Parameters<typeof letters.decode>) => letters.decode(...args),
    },
    {
      name: 'tokenizer.batch_decode',
      right: () => [[[5, 5, 0, 4, 6]], {}],
      keys: { 1: DECODE_KEYS },
      call: (...args: Parameters<typeof letters.batch_decode>) => letters.batch_decode(...args),
    },
    {
      name: 'tokenizer.pad',
      right: () => [[[5, 6], [4]], {}],
      keys: { 1: ENCODE_KEYS },
      call: (...args: Parameters<typeof letters.pad>) => letters.pad(...args),
    },
    {
      name: 'tokenizer.encode',
      right: () => ['A'],
      call: (...args: Parameters<typeof letters.encode>) => letters.encode(...args),
    },
    {
      name: 'tokenizer.convert_tokens_to_ids',
      right: () => [['A', 'B']],
      call: (tokens: string) => letters.convert_tokens_to_ids(tokens),
    },
    {
      name: 'tokenizer.convert_ids_to_tokens',
      right: () => [[5, 6]],
      call: (ids: number) => letters.convert_ids_to_tokens(ids),
    },
    {
      name: 'new Wav2Vec2Processor',
      right: () => [new Wav2Vec2FeatureExtractor(), letters],
      call: (...args: ConstructorParameters<typeof Wav2Vec2Processor>) =>
        new Wav2Vec2Processor(...args)(clip()),
    },
    {
      name: 'processor()',
      right: () => [{ audio: clip(), text: 'A' }, {}],
      keys: { 0: ['audio', 'text'], 1: ['padding', 'sampling_rate', 'text_kwargs', 'return_attention_mask'] },
      call: (...args: Parameters<Wav2Vec2Processor>) => processor(...args),
    },
    {
      name: 'processor.pad',
      right: () => [{ input_values: [clip()] }, { labels: [[5, 6]] }],
      keys: { 0: ['input_values', 'attention_mask'], 1: ['labels', 'padding', 'max_length'] },
      call: (...args: Parameters<typeof processor.pad>) => processor.pad(...args),
    },
    {
      name: 'processor.decode',
      right: () => [[5, 6], {}],
      keys: { 1: DECODE_KEYS },
      call: (...args: Parameters<typeof processor.decode>) => processor.decode(...args),
    },
  ];
};

const modelCalls = (): readonly ApiCall[] => {
  const config = UniSpeechConfig.fromJson(
    readJsonSeed('test/reference/goldens/tiny/layer-stable/config.json'),
  );
  const tokenizer = new Wav2Vec2CTCTokenizer(VOCABULARY);
  return [
    {
      name: "a model's inputs",
      right: () => [[clip(), clip()], [new Int32Array(500).fill(1), new Int32Array(500).fill(1)], null],
      call: (input: unknown, mask: unknown, timeMask: unknown) => {
        const batch = readAudioBatch(input, mask, config);
        expectResult(batch.data.every(Number.isFinite), 'samples that are not finite');
        const frames = config.frameCount(batch.samples);
        frameCodes(attendedFrames(batch, frames, config), frames, timeMask, config);
      },
    },
    {
      name: 'UniSpeechConfig.fromJson',
      right: () => [{ hidden_size: 64 }, 'config.json'],
      keys: { 0: ['hidden_size', 'conv_dim', 'num_hidden_layers', 'hidden_act', 'quantization_config'] },
      call: (...args: Parameters<typeof UniSpeechConfig.fromJson>) => UniSpeechConfig.fromJson(...args),
    },
    {
      name: 'the audio of a recognition call',
      right: () => [{ raw: clip(), sampling_rate: 8000, stride: [10, 10] }],
      keys: { 0: ['raw', 'array', 'sampling_rate', 'stride', 'path', 'text'] },
      call: async (source: unknown) => {
        const { samples } = await prepareClip(source, { sampleRate: 16_000 });
        expectResult(samples.length > 0 && samples.every(Number.isFinite), 'samples that are not finite');
      },
    },
    {
      name: 'the options of a recognition call',
      right: () => [{ chunk_length_s: 10, stride_length_s: [2, 2], return_timestamps: 'char' }],
      keys: { 0: CALL_KEYS },
      call: (options: object) => {
        const checked = checkRecognitionOptions(options, tokenizer, GREEDY);
        if (!checked.chunkLengthSeconds) return;
        const pieces = planChunks({
          sampleCount: 16_000,
          chunkLengthSeconds: checked.chunkLengthSeconds,
          strideSeconds: checked.strideSeconds,
          sampleRate: 16_000,
          samplesPerFrame: 320,
        });
        expectResult(pieces.length > 0 && pieces[0]?.start === 0, 'a clip without pieces');
        const last = pieces.at(-1);
        expectResult(last !== undefined && last.start + last.length === 16_000, 'a clip that is not covered');
      },
    },
  ];
};

const aroundCalls = (): readonly ApiCall[] => {
  const recognize = () => Promise.resolve({ text: 'A', chunks: [{ text: 'A', timestamp: [0, 1] as const }] });
  return [
    {
      name: 'transcribeStream',
      right: () => [recognize, [clip(8000), clip(8000)], {}],
      keys: { 2: STREAM_KEYS },
      call: async (...args: Parameters<typeof transcribeStream>) => {
        for await (const { isFinal } of transcribeStream(...args)) if (isFinal) return;
      },
    },
    {
      name: 'transcribeMicrophone',
      right: () => [recognize, {}],
      keys: { 1: [...STREAM_KEYS, 'stream', 'deviceId', 'workletUrl', 'max_behind_s'] },
      call: async (...args: Parameters<typeof transcribeMicrophone>) => {
        await transcribeMicrophone(...args).next();
      },
    },
    {
      name: 'kernelShares',
      right: () => [[STEP]],
      call: (...args: Parameters<typeof kernelShares>) => kernelShares(...args),
    },
    {
      name: 'kernelFamily',
      right: () => ['gemm_16x32'],
      call: (...args: Parameters<typeof kernelFamily>) => kernelFamily(...args),
    },
    {
      name: 'traceEvents',
      right: () => [PROFILE, {}],
      keys: { 0: ['adapter', 'spans', 'steps'] },
      call: (...args: Parameters<typeof traceEvents>) => traceEvents(...args),
    },
    {
      name: 'showInDevTools',
      right: () => [PROFILE, 'group'],
      keys: { 0: ['adapter', 'spans', 'steps'] },
      call: (...args: Parameters<typeof showInDevTools>) => {
        showInDevTools(...args);
        performance.clearMeasures();
      },
    },
  ];
};

export const recognitionCalls = (): readonly ApiCall[] => [
  ...tokenizerCalls(),
  ...modelCalls(),
  ...aroundCalls(),
];
