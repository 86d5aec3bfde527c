/** Text: tokenizers of CTC models, from ids to text with times and back. */
export { argmaxRows } from './ctc-collapse.ts';
export {
  type CTCDecoded,
  type CTCDecodeOptions,
  type CTCTokenizerOptions,
  Wav2Vec2CTCTokenizer,
} from './ctc-tokenizer.ts';
export { loadTokenizer, type LoadTokenizerOptions, type Tokenizer } from './load-tokenizer.ts';
export {
  type PhonemeDecoded,
  type PhonemeDecodeOptions,
  type PhonemeTokenizeOptions,
  type PhonemeTokenizerOptions,
  Wav2Vec2PhonemeCTCTokenizer,
} from './phoneme-tokenizer.ts';
export type { TokenIdBatch, TokenIds } from './token-ids.ts';
export type {
  Batched,
  DecodeOptions,
  EncodeOptions,
  ListEncoding,
  TensorEncoding,
  TokenizerOptions,
} from './tokenizer-options.ts';
export type { AddedToken } from './vocabulary.ts';
export type { CharOffset, WordOffset } from './word-offsets.ts';
