/** Files that are dropped anywhere on a page. */

/** The page says that it takes files while some are held over it. */
export function onFileDrop(take: (dropped: DataTransfer) => void): void {
  const { classList } = document.body;
  const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
  document.addEventListener('dragover', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    classList.add('dragging');
  });
  document.addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) classList.remove('dragging');
  });
  document.addEventListener('drop', (event) => {
    const { dataTransfer } = event;
    if (!dataTransfer || !isFile(event)) return;
    event.preventDefault();
    classList.remove('dragging');
    take(dataTransfer);
  });
}
