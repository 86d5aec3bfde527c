/** The index of a model in several files, such as `model.safetensors.index.json`: which shard holds which tensor. */
import { isRecord, messageOf } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { parseJson } from '../base/parse-json.ts';
import { STAND_IN_BYTE_LENGTH, standInOf } from '../base/stand-in.ts';
import { isPlainFileName } from '../base/file-name.ts';
import { findDuplicateKey } from './json-scan.ts';
import { quote } from './safetensors.ts';

const FIX = 'Fetch the index file again, or save the model again.';

/**
 * The names of the tensors of each shard, by shard file name.
 * @param indexName shown in errors.
 * @throws UniSpeechError `bad-checkpoint`.
 */
export function parseShardIndex(text: string, indexName: string): ReadonlyMap<string, ReadonlySet<string>> {
  const bad = (message: string, cause?: unknown, fix = FIX): UniSpeechError =>
    new UniSpeechError('bad-checkpoint', `${indexName}: ${message}`, fix, { cause });

  let index: unknown;
  try {
    index = parseJson(text);
  } catch (cause) {
    const standIn = standInOf(text.slice(0, STAND_IN_BYTE_LENGTH));
    if (standIn) throw bad(`it is ${standIn.what}.`, cause, standIn.fix);
    throw bad(`expected JSON, found text that does not parse: ${messageOf(cause)}.`, cause);
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) throw bad(`the key ${quote(duplicate)} is there twice.`);
  const weightMap = isRecord(index) ? index.weight_map : undefined;
  if (!isRecord(weightMap)) {
    throw bad('expected an object "weight_map" from tensor names to shard file names, found none.');
  }
  const shards = new Map<string, Set<string>>();
  for (const [name, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string' || !isPlainFileName(shard)) {
      throw bad(
        `expected a plain file name as the shard of ${quote(name)}, found ${quote(typeof shard === 'string' ? shard : describeValue(shard))}.`,
      );
    }
    const names = shards.get(shard);
    if (names) names.add(name);
    else shards.set(shard, new Set([name]));
  }
  return shards;
}
