/** `unispeech cache`: lists the models in the cache folder of the Hugging Face hub, and deletes one of them. */
import { createInterface } from 'node:readline/promises';
import { counted } from '../base/counted.ts';
import { hubCacheFolder } from '../platform/hub/hub-settings.ts';
import { type KeptModel, listKeptModels, removeKeptModel } from '../platform/hub/kept-models.ts';
import { printable, printableJson } from './printable.ts';
import { suggestionFor } from './suggestion.ts';
import { formatTable } from './table.ts';
import type { CacheCommand } from './usage.ts';
import { UsageError } from './words.ts';

const COMMIT_LENGTH = 8;

/** The streams of `process`. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Returns the exit code: 1 where there is no such model, or the answer is no.
 * @throws UsageError where nobody can be asked; the signal's reason.
 */
export async function cache(
  { deletedId, isSure, json }: CacheCommand,
  signal: AbortSignal,
  terminal: Terminal = process,
): Promise<number> {
  const folder = hubCacheFolder();
  const models = await listKeptModels(folder);
  if (deletedId === undefined) {
    terminal.stdout.write(json ? `${printableJson({ folder, models }, 2)}\n` : formatModels(folder, models));
    return 0;
  }
  const model = models.find(({ id }) => id === deletedId);
  if (!model) {
    const suggestion = suggestionFor(
      deletedId,
      models.map(({ id }) => id),
    );
    const sentence = `There is no model ${deletedId} in ${folder}${suggestion === '' ? '.' : suggestion}`;
    terminal.stderr.write(`unispeech: ${printable(sentence)}\n`);
    return 1;
  }
  if (!isSure && !(await agrees(model, signal, terminal))) return 1;
  await removeKeptModel(folder, model.id);
  terminal.stdout.write(`Deleted ${printable(model.id)}: ${sizeOf(model.byteLength)}\n`);
  return 0;
}

/** Asks on the terminal. Anything but yes is no. */
async function agrees(
  { id, byteLength, path }: KeptModel,
  signal: AbortSignal,
  { stdin, stderr }: Terminal,
): Promise<boolean> {
  if (stdin.isTTY !== true || stderr.isTTY !== true)
    throw new UsageError('cache delete asks on a terminal, and there is none: add --yes');
  // As a line of the terminal itself, so that Ctrl+C is a signal.
  const asking = createInterface({ input: stdin, output: stderr, terminal: false });
  try {
    const question = `Delete ${printable(id)} (${sizeOf(byteLength)}), which other programs may use, from ${printable(path)}? [y/N] `;
    const ended = new Promise<string>((resolve) => asking.once('close', () => resolve('')));
    const answer = await Promise.race([asking.question(question, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}

/** A row for each revision, and the sum, in which shared files count once. */
export function formatModels(folder: string, models: readonly KeptModel[]): string {
  if (models.length === 0) return `No models in ${printable(folder)}\n`;
  const rows = models.flatMap(({ id, path, revisions, unfinishedByteLength }) => {
    const rest = unfinishedByteLength > 0 || revisions.length === 0;
    return [
      ...revisions.map(({ commit, refs, byteLength, lastUsedAt, path: snapshot }) => [
        id,
        [commit.slice(0, COMMIT_LENGTH), ...refs].join(' '),
        sizeOf(byteLength),
        lastUsedAt?.toISOString().slice(0, 10) ?? '',
        snapshot,
      ]),
      ...(rest ? [[id, 'unfinished', sizeOf(unfinishedByteLength), '', path]] : []),
    ];
  });
  const shown = rows.map((row) => row.map(printable));
  const total = models.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return `${formatTable([['model', 'revision', 'size', 'last used', 'path'], ...shown], [2])}\n\n${counted(models.length, 'model')}, ${sizeOf(total)} in ${printable(folder)}\n`;
}

/** Decimal, as of disks. */
function sizeOf(byteLength: number): string {
  if (byteLength < 1e6) return `${(byteLength / 1e3).toFixed(1)} kB`;
  return byteLength < 1e9 ? `${(byteLength / 1e6).toFixed(1)} MB` : `${(byteLength / 1e9).toFixed(2)} GB`;
}
