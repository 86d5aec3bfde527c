/** The audio that the arguments of a command stand for: what is in a folder is looked up. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../base/checks.ts';
import { shownLocation } from '../base/shown-location.ts';
import { schemeOf } from '../platform/node-location.ts';

export interface ListedAudio {
  /** A path, a URL, or `-` for standard input. */
  readonly file: string;
  /** Where it is below the folder that was given, with `/` between folders; of a file that was given itself, its name. */
  readonly name: string;
}

export interface AudioListing {
  readonly audio: readonly ListedAudio[];
  /** Files in folders whose endings are not of audio. */
  readonly otherFiles: readonly string[];
  /** Folders in folders, where only the latter were asked for. */
  readonly unopenedFolders: readonly string[];
  /** Folders that cannot be read: a sentence for each. */
  readonly failures: readonly string[];
}

export interface ListingOptions {
  /** Whether folders in folders are looked through. */
  readonly isRecursive: boolean;
  /** A folder below the others that is not looked through: it holds results. */
  readonly outFolder?: string | undefined;
}

const AUDIO_NAME =
  /\.(wave?|w64|rf64|aiff?|aifc|caf|au|snd|flac|mp[1-4]|m4[abv]|mpga|mpe?g|aac|ac3|og[agvx]|opus|spx|webm|mk[av]|mov|avi|wma|wmv|asf|amr|awb|3gp|3g2|ape|wv|tta)$/i;

/** Whether a name has an ending of audio, or of video with sound. */
export const isAudioName = (name: string): boolean => AUDIO_NAME.test(name);

/**
 * Lists the files of folders in the order of their names. Names that begin with a dot are left out. A folder to which several links lead is
 * looked through once, so links in a circle end.
 * @throws the signal's reason.
 */
export async function listAudio(
  given: readonly string[],
  { isRecursive, outFolder }: ListingOptions,
  signal: AbortSignal,
): Promise<AudioListing> {
  const audio: ListedAudio[] = [];
  const otherFiles: string[] = [];
  const unopenedFolders: string[] = [];
  const failures: string[] = [];
  const seen = new Set<string>();
  const results = outFolder === undefined ? undefined : await realpath(outFolder).catch(() => undefined);
  /** Links to folders come last, so that a folder is found under its own name. */
  const links: { readonly folder: string; readonly name: string }[] = [];

  async function list(folder: string, name: string): Promise<void> {
    signal.throwIfAborted();
    try {
      const real = await realpath(folder);
      if (seen.has(real) || (real === results && name !== '')) return;
      seen.add(real);
      const entries = await readdir(folder, { withFileTypes: true });
      entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) {
        if (entry.name.startsWith('.')) continue;
        const at = placeIn(folder, entry.name);
        const isLink = entry.isSymbolicLink();
        // A link to nothing with a name of audio is taken for a file, which then says that it cannot be read.
        const kind = isLink ? await stat(at).catch(() => undefined) : entry;
        const nameBelow = `${name}${entry.name}`;
        if (kind?.isDirectory()) {
          if (!isRecursive) unopenedFolders.push(at);
          else if (isLink) links.push({ folder: at, name: `${nameBelow}/` });
          else await list(at, `${nameBelow}/`);
        } else if (isAudioName(entry.name) && (kind === undefined || kind.isFile())) {
          audio.push({ file: at, name: nameBelow });
        } else {
          otherFiles.push(at);
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`The folder ${folder} cannot be read: ${messageOf(error)}.`);
    }
  }

  for (const file of given) {
    const isPath = file !== '-' && schemeOf(file) === undefined;
    const isFolder = isPath && (await stat(file).catch(() => undefined))?.isDirectory();
    if (isFolder) await list(file, '');
    else audio.push({ file, name: nameAlone(isPath ? path.basename(file) : nameOfOther(file)) });
  }
  for (const { folder, name } of links) await list(folder, name);
  return { audio, otherFiles, unopenedFolders, failures };
}

/** A path that is not taken for a URL, whatever the name. */
function placeIn(folder: string, name: string): string {
  const place = path.join(folder, name);
  return schemeOf(place) === undefined ? place : `.${path.sep}${place}`;
}

/** A name of nothing but dots would lead to a folder, and results out of theirs. */
const nameAlone = (name: string): string => (/^\.*$/.test(name) ? 'audio' : name);

/** What the results of standard input or of a URL are called. */
function nameOfOther(file: string): string {
  if (file === '-') return 'stdin';
  const last = shownLocation(file)
    .replace(/[\\/]+$/, '')
    .replace(/^.*[\\/]/s, '');
  return last.replaceAll(/[<>:"|?*\p{Cc}]/gu, '_');
}
