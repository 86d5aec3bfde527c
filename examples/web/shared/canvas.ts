/** Canvases that are sharp at any pixel density, and the page's colours for drawing on them. */

export interface Surface {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels; the context is scaled so that drawing is in CSS pixels, too. */
  readonly width: number;
  readonly height: number;
}

/** Fits the canvas's pixels to its size on the page, and clears it. */
export function fitCanvas(canvas: HTMLCanvasElement): Surface {
  const { width, height } = canvas.getBoundingClientRect();
  const density = devicePixelRatio;
  canvas.width = Math.max(1, Math.round(width * density));
  canvas.height = Math.max(1, Math.round(height * density));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no 2d canvas');
  context.scale(density, density);
  return { context, width, height };
}

/** The value of a custom property of the stylesheet, such as `--accent`. */
export const cssColor = (name: `--${string}`): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const isDarkScheme = (): boolean => matchMedia('(prefers-color-scheme: dark)').matches;
