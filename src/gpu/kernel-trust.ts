/** What is known of the kernels on one device: each was run on a known answer, or is being run. */
import type { Kernel } from './kernel.ts';

/** What came of testing one kernel. */
export interface KernelVerdict {
  /** `Kernel.name`. */
  readonly kernel: string;
  readonly passed: boolean;
  /** One sentence, where the test failed. */
  readonly fault?: string;
  /** The kernel that is used instead, where there is one. */
  readonly replacedBy?: string;
}

export class KernelTrust {
  readonly #faults = new Map<string, Promise<string | undefined>>();
  readonly #verdicts = new Map<string, KernelVerdict>();
  /** Plans all of whose kernels passed. */
  readonly plans = new WeakSet();

  /** One entry for each kernel tested so far. */
  get report(): readonly KernelVerdict[] {
    return [...this.#verdicts.values()];
  }

  /**
   * What is wrong with a kernel, or undefined.
   * @param test is called once for each source; where it throws, nothing is learnt and the next caller tests again.
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
