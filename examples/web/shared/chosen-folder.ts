/** The folder of a model that somebody drops on a page or chooses. */

/** Whether something dropped is a folder, or the files of a model. To be asked while the event is handled. */
export function isModelDrop({ items, files }: DataTransfer): boolean {
  return (
    [...items].some((item) => item.webkitGetAsEntry()?.isDirectory === true) ||
    [...files].some(({ name }) => name === 'config.json')
  );
}

/** The files dropped, and those directly in folders that were dropped. To be called while the event is handled. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly File[]> {
  const plain = [...files];
  const folders = [...items].flatMap((item) => {
    const entry = item.webkitGetAsEntry();
    return entry?.isDirectory ? [entry as FileSystemDirectoryEntry] : [];
  });
  if (folders.length === 0) return plain;
  return (await Promise.all(folders.map(filesIn))).flat();
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<readonly File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  for (;;) {
    // A reader gives at most 100 entries at once, and none after the last.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return files;
    for (const entry of entries) {
      if (!entry.isFile) continue;
      const file = await new Promise<File>((resolve, reject) => {
        (entry as FileSystemFileEntry).file(resolve, reject);
      });
      files.push(file);
    }
  }
}
