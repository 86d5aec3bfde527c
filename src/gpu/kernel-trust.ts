/** Remembers the tests of kernels on one device. Each kernel was run on a known answer, or is being run. */
import type { Kernel } from './kernel.ts';

/** The result of testing one kernel. */
export interface KernelVerdict {
  /** `Kernel.name`. */
  readonly kernel: string;
  readonly passed: boolean;
  /** One sentence, if the test failed. */
  readonly fault?: string;
  /** The kernel that is used instead, if there is one. */
  readonly replacedBy?: string;
}

export class KernelTrust {
  readonly #faults = new Map<string, Promise<string | undefined>>();
  readonly #verdicts = new Map<string, KernelVerdict>();
  /** Plans whose kernels all passed. */
  readonly plans = new WeakSet();

  /** One entry per tested kernel. */
  get report(): readonly KernelVerdict[] {
    return [...this.#verdicts.values()];
  }

  /**
   * The fault of a kernel, or undefined.
   * @param test called once per source. If it throws, nothing is remembered and the next caller tests again.
   */
  faultOf(kernel: Kernel, test: () => Promise<string | undefined>): Promise<string | undefined> {
    const known = this.#faults.get(kernel.source);
    if (known) return known;
    const testing = test().then((fault) => {
      this.#verdicts.set(
        kernel.name,
        fault === undefined
          ? { kernel: kernel.name, passed: true }
          : { kernel: kernel.name, passed: false, fault },
      );
      return fault;
    });
    this.#faults.set(kernel.source, testing);
    testing.catch(() => this.#faults.delete(kernel.source));
    return testing;
  }

  noteReplacement(kernel: Kernel, replacedBy: string): void {
    const verdict = this.#verdicts.get(kernel.name);
    if (verdict) this.#verdicts.set(kernel.name, { ...verdict, replacedBy });
  }
}
