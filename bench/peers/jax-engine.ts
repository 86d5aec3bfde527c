/** jax-js with its WebGPU backend among the peers, in Node and in pages: a workload is one function under `jit`. */
import { adapterName } from './adapter.ts';
import type { OpWeight } from './array-ops.ts';
import type { HostTensor, PeerEngine, PreparedWork, Workload, WorkloadData } from './engine.ts';
import { convolution, matrix } from './host-layout.ts';
import type { Jax, JaxArray, JaxArrays } from './jax-api.ts';
import { JaxOps } from './jax-ops.ts';
import { named } from './named.ts';
import { workInOps } from './work-in-ops.ts';

const sameLayout = (output: Float32Array): Float32Array => output;

export class JaxEngine implements PeerEngine {
  readonly name = '@jax-js/jax';
  #opened: Promise<void> | undefined;
  readonly #jax: Jax;

  constructor(
    jax: Jax,
    /** The library does not tell it. */
    readonly version: string,
  ) {
    this.#jax = jax;
  }

  async adapter(): Promise<string> {
    await this.#open();
    return adapterName(this.#jax.getWebGPUDevice().adapterInfo);
  }

  async prepare(workload: Workload, data: WorkloadData): Promise<PreparedWork> {
    await this.#open();
    const jax = this.#jax;
    const work = workInOps(workload, data);
    const ops = new JaxOps(jax);
    const weights: JaxArrays = Object.fromEntries(
      [...work.weights].map(([name, weight]) => [name, this.#upload(hostLayout(weight))]),
    );
    const apply = jax.jit((inputs: JaxArrays, parameters: JaxArrays) =>
      work.apply(
        ops,
        (name) => named(inputs, name),
        (name) => named(parameters, name),
      ),
    );
    return {
      run: () => {
        const inputs = Object.entries(work.inputs).map(([name, input]) => [name, this.#upload(input)]);
        return apply(Object.fromEntries(inputs) as JaxArrays, jax.tree.ref(weights)).data();
      },
      toCanonical: sameLayout,
      dispose() {
        apply.dispose();
        for (const weight of Object.values(weights)) weight.dispose();
      },
    };
  }

  /** The backend belongs to the library, one per page or process, and stays. */
  dispose(): void {
    this.#opened = undefined;
  }

  #open(): Promise<void> {
    this.#opened ??= (async () => {
      if (!(await this.#jax.init('webgpu')).includes('webgpu'))
        throw new Error('jax-js could not open its WebGPU backend.');
      this.#jax.defaultDevice('webgpu');
    })();
    return this.#opened;
  }

  #upload({ dims, data }: HostTensor): JaxArray {
    return this.#jax.numpy.array(data).reshape(dims);
  }
}

function hostLayout({ role, tensor }: OpWeight): HostTensor {
  switch (role) {
    case 'matrix':
      return matrix(tensor);
    case 'conv':
      return convolution(tensor);
    case 'vector':
    case 'grouped_conv':
      return tensor;
  }
}
