/** Moving a cross-hair over a picture: by pointer, by finger, and by arrow keys. */

export interface CrossHairMoves {
  /** A place of the canvas was pointed at, in CSS pixels from its corner. */
  readonly point: (x: number, y: number) => void;
  /** Arrow keys: columns and rows to move by. Left out where the keyboard drives another picture. */
  readonly step?: (columns: number, rows: number) => void;
}

const STEPS: Readonly<Record<string, readonly [columns: number, rows: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};
/** With the Shift key. */
const LONG_STEP = 10;

export function followCrossHair(canvas: HTMLCanvasElement, { point, step }: CrossHairMoves): void {
  const onPointer = (event: PointerEvent): void => {
    const { left, top } = canvas.getBoundingClientRect();
    point(event.clientX - left, event.clientY - top);
  };
  canvas.addEventListener('pointermove', onPointer);
  canvas.addEventListener('pointerdown', onPointer);
  if (!step) return;
  canvas.addEventListener('keydown', (event) => {
    const move = STEPS[event.key];
    if (!move) return;
    event.preventDefault();
    const factor = event.shiftKey ? LONG_STEP : 1;
    step(move[0] * factor, move[1] * factor);
  });
}

export const clampIndex = (index: number, count: number): number =>
  Math.max(0, Math.min(count - 1, Math.floor(index)));
