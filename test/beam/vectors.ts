/**
 * What pyctcdecode 0.5.0 and kenlm 0.3.0 gave: scores of KenLM for ARPA texts and for files of `build_binary`, and the beams of 26 decoded clips.
 * Logits and log10 are as they were; the beams are the first ten.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** log10 of a word, and the length of the n-gram that KenLM found. */
type ScoredWords = readonly (readonly [log10: number, length: number])[];

export interface KenlmCase {
  readonly lm: string;
  readonly text: string;
  readonly bos: boolean;
  readonly eos: boolean;
  readonly log10: number;
  readonly words: ScoredWords;
}

export interface KenlmBinaryCase {
  readonly lm: string;
  readonly model_type: number;
  readonly base64: string;
  readonly sentences: readonly Pick<KenlmCase, 'text' | 'log10' | 'words'>[];
  readonly indices: readonly (readonly [string, number])[];
}

export interface ExpectedBeam {
  readonly text: string;
  readonly logit_score: number;
  readonly score: number;
  readonly words?: readonly (readonly [string, number, number])[];
}

export interface BeamCase {
  readonly name: string;
  readonly lm: string | null;
  readonly lm_options: Readonly<Record<string, number | boolean>>;
  readonly unigrams: 'arpa' | readonly string[] | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly input: 'logits' | 'probabilities';
  readonly values: readonly (readonly number[])[];
  readonly beams: readonly ExpectedBeam[];
  readonly n_beams: number;
  readonly next?: Pick<BeamCase, 'values' | 'beams'>;
}

export interface BeamVectors {
  readonly kenlm: {
    readonly arpa: Readonly<Record<string, string>>;
    readonly cases: readonly KenlmCase[];
    readonly binaries: Readonly<Record<string, KenlmBinaryCase>>;
    readonly arpa_variants: readonly { readonly name: string; readonly accepted: boolean }[];
    readonly hashes: readonly (readonly [string, string])[];
  };
  readonly beam: { readonly labels: readonly string[]; readonly cases: readonly BeamCase[] };
}

export const vectors = JSON.parse(
  gunzipSync(readFileSync(new URL('vectors.json.gz', import.meta.url))).toString(),
) as BeamVectors;

/** Frames of a case. float32 is what models give; the vectors are of float64, from which it differs by less than 1e-4. */
export const framesOf = (values: readonly (readonly number[])[], vocabSize: number) => ({
  data: Float32Array.from(values.flat()),
  frameCount: values.length,
  vocabSize,
});

export const arpaOf = (name: string): Uint8Array => Buffer.from(vectors.kenlm.arpa[name] ?? '');
