/** Unpacking of the archives that the dev dependency `@sparticuz/chromium` carries. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Files of a POSIX tar archive (regular files only): path → content. */
export function untar(archive) {
  const files = new Map();
  for (let offset = 0; offset + 512 <= archive.length && archive[offset] !== 0;) {
    const field = (start, end) =>
      archive
        .toString('utf8', offset + start, offset + end)
        .replace(/\0.*$/s, '')
        .trim();
    const byteLength = Number.parseInt(field(124, 136), 8);
    const isFile = field(156, 157) === '0' || field(156, 157) === '';
    if (isFile) files.set(field(0, 100), archive.subarray(offset + 512, offset + 512 + byteLength));
    offset += 512 + Math.ceil(byteLength / 512) * 512;
  }
  return files;
}

/** The path of an archive of `@sparticuz/chromium`, or undefined where it is not installed. */
export function findBundledArchive(fileName) {
  let packageFolder;
  try {
    packageFolder = path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  } catch {
    return undefined; // Installed without dev dependencies.
  }
  return [packageFolder, path.dirname(packageFolder), path.dirname(path.dirname(packageFolder))]
    .map((parent) => path.join(parent, 'bin', fileName))
    .find((file) => existsSync(file));
}
