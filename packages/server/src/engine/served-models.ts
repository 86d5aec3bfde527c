/** What is known of the models: whether they are loaded, or why they are not. */
import type { ModelFacts, ServedModel, ServedModelOptions } from './engine-pool.ts';

interface ModelState {
  readonly status: ServedModel['status'];
  readonly failure?: string | undefined;
  /** The same for strangers: it tells no path. */
  readonly shownFailure?: string | undefined;
  readonly facts?: ModelFacts | undefined;
}

/** Where a model lies is not for clients. */
export const cannotLoad = (modelId: string): string =>
  `The model ${JSON.stringify(modelId)} cannot be loaded: the log of the server says why.`;

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
      const { status, failure, facts }: ModelState = this.#states.get(model.id) ?? { status: 'idle' };
      return { ...model, failure, facts, status: areIdle && status === 'loaded' ? 'idle' : status };
    });
  }

  get areLoading(): boolean {
    return [...this.#states.values()].some(({ status }) => status === 'loading');
  }

  /** Why models cannot be used, for strangers. */
  get failures(): readonly string[] {
    return [...this.#states.values()].flatMap(({ shownFailure }) => shownFailure ?? []);
  }

  loading(): void {
    for (const id of this.ids) this.#states.set(id, { status: 'loading' });
  }

  loaded(id: string, facts: ModelFacts): void {
    this.#states.set(id, { status: 'loaded', facts });
  }

  failed(id: string, failure: string, shownFailure = failure): void {
    const known = this.#states.get(id);
    // Another device may have it.
    if (known?.status === 'loaded') return;
    this.#states.set(id, { status: 'failed', failure, shownFailure, facts: known?.facts });
  }

  /** Nobody loads them any more. */
  abandoned(failure: string): void {
    for (const [id, { status }] of this.#states) if (status === 'loading') this.failed(id, failure);
  }
}
