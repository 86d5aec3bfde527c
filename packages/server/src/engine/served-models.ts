/** What is known of the models: whether they are loaded, or why they are not. */
import type { ModelFacts, ServedModel, ServedModelOptions } from './engine-pool.ts';

interface ModelState {
  readonly status: ServedModel['status'];
  readonly failure?: string | undefined;
  readonly facts?: ModelFacts | undefined;
}

export class ServedModels {
  readonly #options: readonly ServedModelOptions[];
  readonly #states = new Map<string, ModelState>();

  constructor(options: readonly ServedModelOptions[]) {
    this.#options = options;
    for (const { id } of options) this.#states.set(id, { status: 'idle' });
  }

  get ids(): readonly string[] {
    return this.#options.map(({ id }) => id);
  }

  has(id: string): boolean {
    return this.#states.has(id);
  }

  facts(id: string): ModelFacts | undefined {
    return this.#states.get(id)?.facts;
  }

  /** @param areIdle whether no engine process runs, so that the next clip starts one. */
  list(areIdle: boolean): readonly ServedModel[] {
    return this.#options.map((model) => {
      const state = this.#states.get(model.id) ?? { status: 'idle' };
      return { ...model, ...state, status: areIdle && state.status === 'loaded' ? 'idle' : state.status };
    });
  }

  get areLoading(): boolean {
    return [...this.#states.values()].some(({ status }) => status === 'loading');
  }

  get failures(): readonly string[] {
    return [...this.#states.values()].flatMap(({ failure }) => failure ?? []);
  }

  loading(): void {
    for (const id of this.ids) this.#states.set(id, { status: 'loading' });
  }

  loaded(id: string, facts: ModelFacts): void {
    this.#states.set(id, { status: 'loaded', facts });
  }

  failed(id: string, failure: string): void {
    const known = this.#states.get(id);
    // Another device may have it.
    if (known?.status !== 'loaded') this.#states.set(id, { status: 'failed', failure, facts: known?.facts });
  }

  /** Nobody loads them any more. */
  abandoned(failure: string): void {
    for (const [id, { status }] of this.#states) if (status === 'loading') this.failed(id, failure);
  }
}
