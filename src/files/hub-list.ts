/** Lists of files of the Hugging Face hub: what a folder with a language model has, whose names nothing else tells. */
import { isList, isRecord } from '../base/checks.ts';
import { LANGUAGE_MODEL_FOLDER } from '../base/file-name.ts';

/** Where the list of such a folder is; undefined for the address of something else than a model of a hub. */
export function hubListUrl(folder: string): string | undefined {
  const { origin, pathname } = new URL(folder);
  const [, id, revision] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/$/.exec(pathname) ?? [];
  if (id === undefined || revision === undefined) return undefined;
  return `${origin}/api/models/${id}/tree/${revision}/${LANGUAGE_MODEL_FOLDER}`;
}

/** The names in such a list; undefined where it is something else. */
export function namesInList(bytes: Uint8Array): readonly string[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (!isList(list)) return undefined;
  const start = `${LANGUAGE_MODEL_FOLDER}/`;
  return list.flatMap((entry) => {
    const path = isRecord(entry) && entry.type === 'file' ? entry.path : undefined;
    return typeof path === 'string' && path.startsWith(start) ? [path.slice(start.length)] : [];
  });
}
