/** The roofline plot on the page: drawn as SVG, pointed at with a pointer or with the arrow keys. */
import { redrawOnChange } from '../../examples/web/shared/dom.ts';
import type { Peak } from '../kernels/peak.ts';
import type { KernelResults } from '../kernels/results.ts';
import { markPath } from './kinds.ts';
import { describe, groupsOf, measuredKernels, type Measured } from './measured.ts';
import {
  LABEL_HEIGHT,
  layOutRoofline,
  type Mark,
  type Point,
  type RooflineLayout,
} from './roofline-layout.ts';
import { linePath, svg } from './svg.ts';
import { inWords, rate } from './units.ts';

/** How far from a mark a pointer still means it. */
const REACH = 28;
const HINT = 'Point at a mark or tap it, or focus the plot and use the arrow keys.';

export class RooflineView {
  readonly #textMeasure = document.createElement('canvas').getContext('2d');
  #results: KernelResults | undefined;
  /** From left to right, as the arrow keys go. */
  #marks: readonly Mark[] = [];
  #elements = new Map<string, SVGGElement>();
  #pointer = svg('g');
  #activeKey: string | undefined;
  readonly #place: HTMLElement;
  readonly #readout: HTMLElement;

  /**
   * @param place an empty element that the plot fills.
   * @param readout gets the figures of the mark that is pointed at.
   */
  constructor(place: HTMLElement, readout: HTMLElement) {
    this.#place = place;
    this.#readout = readout;
    readout.textContent = HINT;
    redrawOnChange(place, () => this.#draw());
    for (const kind of ['pointermove', 'pointerdown'] as const)
      place.addEventListener(kind, (event) => this.#pointAt(event));
    place.addEventListener('pointerleave', () => {
      if (!place.contains(document.activeElement)) this.#activate(undefined);
    });
    place.addEventListener('keydown', (event) => this.#onKey(event));
    place.addEventListener('focusin', () => this.#activate(this.#focused?.entry.key));
    place.addEventListener('focusout', () => this.#activate(undefined));
  }

  show(results: KernelResults): void {
    this.#results = results;
    this.#draw();
  }

  #draw(): void {
    const width = this.#place.clientWidth;
    if (!this.#results || width === 0) return;
    const { peak } = this.#results;
    const size = { width, height: Math.round(Math.min(540, Math.max(340, 0.5 * width))) };
    const layout = layOutRoofline(shownOf(this.#results), peak, size, (text) => this.#widthOf(text));
    const hadFocus = this.#place.contains(document.activeElement);
    this.#marks = [...layout.marks].sort((a, b) => a.x - b.x || a.y - b.y);
    this.#elements = new Map(layout.marks.map((mark) => [mark.entry.key, drawMark(mark)]));
    this.#pointer = svg('g', { class: 'pointer' });
    const root = svg(
      'svg',
      { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height, role: 'group' },
      ...drawAxes(layout, size.height),
      ...drawRoofs(layout, peak),
      this.#pointer,
      ...this.#elements.values(),
      ...layout.labels.map(({ text, box }) =>
        svg(
          'text',
          { class: 'mark-label', x: box.x, y: box.y + LABEL_HEIGHT - 4, 'aria-hidden': 'true' },
          text,
        ),
      ),
    );
    root.setAttribute(
      'aria-label',
      `Roofline plot with ${this.#marks.length} kernels; arrow keys move between them`,
    );
    this.#place.replaceChildren(root);
    const first = this.#elements.get(this.#activeKey ?? '') ?? [...this.#elements.values()].at(-1);
    first?.setAttribute('tabindex', '0');
    const active = this.#activeKey;
    if (active !== undefined) this.#activate(active);
    if (hadFocus) first?.focus();
  }

  get #focused(): Mark | undefined {
    return this.#marks.find(({ entry }) => this.#elements.get(entry.key) === document.activeElement);
  }

  #widthOf(text: string): number {
    if (!this.#textMeasure) return 7 * text.length;
    this.#textMeasure.font = `12px ${getComputedStyle(this.#place).fontFamily}`;
    return this.#textMeasure.measureText(text).width + 2;
  }

  #activate(key: string | undefined): void {
    const mark = this.#marks.find(({ entry }) => entry.key === key);
    this.#activeKey = mark && key;
    this.#readout.textContent = mark ? describe(mark.entry) : HINT;
    this.#readout.classList.toggle('muted', !mark);
    if (!mark) {
      this.#pointer.replaceChildren();
      return;
    }
    this.#pointer.replaceChildren(
      svg('path', { class: 'to-roof', d: linePath([mark, { x: mark.x, y: mark.roofY }]) }),
      svg('circle', { class: 'ring', cx: mark.x, cy: mark.y, r: 10 }),
    );
  }

  #pointAt({ clientX, clientY }: PointerEvent): void {
    const { left, top } = this.#place.getBoundingClientRect();
    const distance = ({ x, y }: Point): number => Math.hypot(x - (clientX - left), y - (clientY - top));
    const nearest = [...this.#marks].sort((a, b) => distance(a) - distance(b))[0];
    this.#activate(nearest && distance(nearest) <= REACH ? nearest.entry.key : undefined);
  }

  #onKey(event: KeyboardEvent): void {
    const now = this.#focused ? this.#marks.indexOf(this.#focused) : -1;
    const last = this.#marks.length - 1;
    const next = {
      ArrowRight: Math.min(last, now + 1),
      ArrowLeft: Math.max(0, now - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined || now < 0) return;
    event.preventDefault();
    const key = this.#marks[next]?.entry.key ?? '';
    for (const element of this.#elements.values()) element.setAttribute('tabindex', '-1');
    const element = this.#elements.get(key);
    element?.setAttribute('tabindex', '0');
    element?.focus();
  }
}

/** Variants only where there are cases of one model and length: of several they would hide each other. */
const shownOf = (results: KernelResults): readonly Measured[] =>
  measuredKernels(results).filter(({ isChosen }) => isChosen || groupsOf(results).length === 1);

function drawMark({ entry, x, y }: Mark): SVGGElement {
  const { kind, isChosen } = entry;
  const element = svg(
    'g',
    { class: `mark ${isChosen ? 'chosen' : 'variant'} kind-${kind}`, role: 'img', tabindex: -1 },
    svg('path', {
      d: markPath(kind, isChosen ? 5.5 : 4),
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    }),
  );
  element.setAttribute('aria-label', describe(entry));
  return element;
}

function drawAxes({ frame, x, y, xTicks, yTicks, yUnit }: RooflineLayout, height: number): readonly Node[] {
  const [left, top, right, bottom] = [frame.x, frame.y, frame.x + frame.width, frame.y + frame.height];
  return [
    ...xTicks.flatMap(({ value, label }) => [
      svg('path', {
        class: 'grid',
        d: linePath([
          { x: x.at(value), y: top },
          { x: x.at(value), y: bottom },
        ]),
      }),
      svg('text', { class: 'tick', x: x.at(value), y: bottom + 16, 'text-anchor': 'middle' }, label),
    ]),
    ...yTicks.flatMap(({ value, label }) => [
      svg('path', {
        class: 'grid',
        d: linePath([
          { x: left, y: y.at(value) },
          { x: right, y: y.at(value) },
        ]),
      }),
      svg('text', { class: 'tick', x: left - 8, y: y.at(value) + 4, 'text-anchor': 'end' }, label),
    ]),
    svg('text', { class: 'axis', x: 0, y: 14 }, yUnit),
    svg(
      'text',
      { class: 'axis', x: right, y: height - 8, 'text-anchor': 'end' },
      'Arithmetic intensity, operations a byte',
    ),
  ];
}

function drawRoofs({ frame, roof, guides }: RooflineLayout, peak: Peak): readonly Node[] {
  const [start, ridge, end] = roof;
  const bottom = frame.y + frame.height;
  const angle = (180 / Math.PI) * Math.atan2(ridge.y - start.y, ridge.x - start.x);
  const middle = { x: (start.x + ridge.x) / 2, y: (start.y + ridge.y) / 2 };
  const area = [...roof, { x: end.x, y: bottom }, { x: start.x, y: bottom }];
  return [
    svg('path', { class: 'reach', d: `${linePath(area)}Z` }),
    ...guides.flatMap(({ share, points }) => {
      const [, , last] = points;
      return [
        svg('path', { class: 'guide', d: linePath(points) }),
        svg(
          'text',
          { class: 'guide-label', x: last.x - 4, y: last.y - 4, 'text-anchor': 'end' },
          `${100 * share} %`,
        ),
      ];
    }),
    svg('path', { class: 'roof', d: linePath(roof) }),
    svg(
      'text',
      { class: 'roof-label', x: end.x - 4, y: end.y - 8, 'text-anchor': 'end' },
      `multiply-add ${inWords(rate(peak.flopsPerSecond / 1e9, 'FLOP/s'))}`,
    ),
    svg(
      'text',
      {
        class: 'roof-label',
        'text-anchor': 'middle',
        transform: `translate(${middle.x.toFixed(1)} ${middle.y.toFixed(1)}) rotate(${angle.toFixed(2)}) translate(0 -8)`,
      },
      `copy ${inWords(rate(peak.bytesPerSecond / 1e9, 'B/s'))}`,
    ),
  ];
}
