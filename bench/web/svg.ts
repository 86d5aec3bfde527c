/** SVG elements made with attributes and children. */

type Attributes = Readonly<Record<string, string | number>>;

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    // A tenth of a pixel is as much as anyone sees.
    element.setAttribute(name, typeof value === 'number' ? String(Math.round(10 * value) / 10) : value);
  }
  element.append(...children);
  return element;
}

/** `M1 2L3 4` through points. */
export const linePath = (points: readonly { readonly x: number; readonly y: number }[]): string =>
  points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
