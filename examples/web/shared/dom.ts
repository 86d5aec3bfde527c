/** Small helpers around the DOM: elements by id with their type checked, and elements made with children. */

/**
 * The element of the page with this id.
 * @throws Error when there is none or it is of another kind: the page and its script do not fit.
 */
export function byId<E extends HTMLElement>(id: string, kind: abstract new () => E): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${kind.name} with the id "${id}"`);
}

type Child = Node | string;

/** Makes an element: `make('p', { className: 'muted' }, 'Text')`. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Runs `draw` now and whenever the element's size, the pixel density or the colour scheme changes. */
export function redrawOnChange(element: Element, draw: () => void): void {
  new ResizeObserver(draw).observe(element);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}
