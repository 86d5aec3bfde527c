/** Vocabularies: reading `vocab.json`, tokens added after training, and lookups both ways. */
import { isCount, isRecord, tagOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';

export type TokenToId = ReadonlyMap<string, number>;

/** The content of a `vocab.json`: one vocabulary for each language, or a single one whose language is null. */
export type Vocabularies = ReadonlyMap<string | null, TokenToId>;

/** A token that the vocabulary file lacks, or whose white space is special. */
export interface AddedToken {
  readonly content: string;
  /** Where the vocabulary has no such token. Left out: the number of entries so far. */
  readonly id?: number;
  /** Whether encoding swallows the white space before the token. */
  readonly lstrip?: boolean;
  /** Whether encoding swallows the white space behind the token. */
  readonly rstrip?: boolean;
}

/** Several times the largest vocabularies of speech recognition; as many as a configuration may ask for. */
const MAX_TOKEN_COUNT = 2 ** 19;
/** In UTF-16 units. Text of a few of much longer ones would be longer than a string can be. */
const MAX_TOKEN_LENGTH = 512;

/** @throws UniSpeechError `bad-config`. */
function checkToken(token: unknown, where: string): void {
  if (typeof token === 'string' && token.length <= MAX_TOKEN_LENGTH) return;
  throw new UniSpeechError(
    'bad-config',
    typeof token === 'string'
      ? `${where}: the token ${describeValue(token)} has ${token.length} characters, but at most ${MAX_TOKEN_LENGTH} are possible.`
      : `${where}: a token is ${describeValue(token)}, but it must be a string.`,
  );
}

/** The entries of an object or a Map; none of arrays of samples and the like. @throws UniSpeechError `bad-config`. */
function entriesOf(value: object, where: string): readonly (readonly [unknown, unknown])[] {
  if (ArrayBuffer.isView(value)) return [];
  const isMap = tagOf(value) === 'Map' && Symbol.iterator in value;
  // Keys alone take a fraction of the time and memory of entries.
  const keys = isMap ? [] : Object.keys(value);
  if (keys.length > MAX_TOKEN_COUNT) {
    throw new UniSpeechError(
      'bad-config',
      `${where} has ${keys.length} tokens, but at most ${MAX_TOKEN_COUNT} are possible.`,
    );
  }
  return isMap
    ? [...(value as Map<unknown, unknown>)]
    : keys.map((key) => [key, (value as Readonly<Record<string, unknown>>)[key]]);
}

function parseTokens(entries: readonly (readonly [unknown, unknown])[], where: string): TokenToId {
  for (const [token, id] of entries) {
    checkToken(token, where);
    if (!isCount(id)) {
      throw new UniSpeechError(
        'bad-config',
        `${where}: token ${describeValue(token)} has id ${describeValue(id)}, but an id is a non-negative integer.`,
      );
    }
  }
  return new Map(entries as [string, number][]);
}

/**
 * Checks the value of a vocabulary file: token → id, or language → (token → id).
 * The order of entries means nothing: JavaScript moves keys such as "1" to the front. Ids do.
 * @param where names the file in errors.
 * @throws UniSpeechError `bad-config`.
 */
export function parseVocabulary(value: unknown, where: string): Vocabularies {
  const entries = isRecord(value) ? entriesOf(value, where) : [];
  if (entries.length === 0) {
    throw new UniSpeechError(
      'bad-config',
      `${where} must be an object of token to id, or of language to such objects, with at least one entry, but it is ${describeValue(value)}.`,
    );
  }
  if (!isRecord(entries[0]?.[1])) return new Map([[null, parseTokens(entries, where)]]);
  const languages = new Map<string, TokenToId>();
  for (const [language, tokens] of entries) {
    if (!isRecord(tokens)) {
      throw new UniSpeechError(
        'bad-config',
        `${where} is nested by language, but its entry ${describeValue(language)} is ${describeValue(tokens)} instead of an object of token to id.`,
      );
    }
    checkToken(language, where);
    languages.set(
      language as string,
      parseTokens(entriesOf(tokens, where), `${where}, language ${describeValue(language)}`),
    );
  }
  return languages;
}

/** One vocabulary with its added tokens: token ↔ id. Immutable. */
export class Vocabulary {
  /** Distinct ids of the base vocabulary: what the model's output layer should have. */
  readonly baseSize: number;
  readonly #idByToken = new Map<string, number>();
  readonly #tokenById = new Map<number, string>();

  /**
   * @param base the vocabulary file. Of several tokens with one id, the last is what the id decodes to.
   * @param added appended in order; the base vocabulary wins where an id is taken already.
   * @param onWarning told about ids that several tokens share.
   */
  constructor(base: TokenToId, added: readonly AddedToken[], onWarning: (message: string) => void) {
    const shared: string[] = [];
    for (const [token, id] of base) {
      const other = this.#tokenById.get(id);
      if (other !== undefined)
        shared.push(`${id} (${describeValue(other)} and ${describeValue(token)}, which wins)`);
      this.#idByToken.set(token, id);
      this.#tokenById.set(id, token);
    }
    this.baseSize = this.#tokenById.size;
    for (const { content, id: givenId } of added) {
      if (content === '') continue;
      checkToken(content, 'The added tokens');
      const id = this.#idByToken.get(content) ?? givenId ?? this.#idByToken.size;
      const other = this.#tokenById.get(id);
      if (other !== undefined && other !== content) {
        shared.push(`${id} (${describeValue(content)} and ${describeValue(other)}, which wins)`);
        // A token with a fixed id that is taken was added to another vocabulary; an appended one is this one's own.
        if (givenId !== undefined) continue;
      } else {
        this.#tokenById.set(id, content);
      }
      this.#idByToken.set(content, id);
    }
    if (shared.length > 0) {
      onWarning(
        `The vocabulary gives one id to several tokens, so decoding cannot tell them apart: ${shared.slice(0, 5).join(', ')}${shared.length > 5 ? `, and ${shared.length - 5} more` : ''}.`,
      );
    }
  }

  /** Number of tokens, added ones included. */
  get size(): number {
    return this.#idByToken.size;
  }

  idOf(token: string): number | undefined {
    return this.#idByToken.get(token);
  }

  tokenOf(id: number): string | undefined {
    return this.#tokenById.get(id);
  }

  /** A copy of token → id. */
  toMap(): Map<string, number> {
    return new Map(this.#idByToken);
  }
}
