/** TensorFlow.js with its WebGPU backend among the peers, in Node and in pages. */
import { adapterName } from './adapter.ts';
import type { OpWeight } from './array-ops.ts';
import type { HostTensor, PeerEngine, PreparedWork, Workload, WorkloadData } from './engine.ts';
import { convolution, groupedConvolution, matrix } from './host-layout.ts';
import { named } from './named.ts';
import type { Tf, TfTensor } from './tfjs-api.ts';
import { TfjsOps, type TfjsWeight } from './tfjs-ops.ts';
import { fastestWays } from './tfjs-ways.ts';
import { workInOps } from './work-in-ops.ts';

const sameLayout = (output: Float32Array): Float32Array => output;

export class TfjsEngine implements PeerEngine {
  readonly name = '@tensorflow/tfjs-backend-webgpu';
  readonly version: string;
  #isOpen: Promise<boolean> | undefined;
  readonly #tf: Tf;

  /** @param tf the core, with the WebGPU backend imported. */
  constructor(tf: Tf) {
    this.#tf = tf;
    this.version = tf.version_core;
  }

  async adapter(): Promise<string> {
    await this.#open();
    return adapterName(this.#tf.backend().device.adapterInfo);
  }

  async prepare(workload: Workload, data: WorkloadData): Promise<PreparedWork> {
    await this.#open();
    const tf = this.#tf;
    const work = workInOps(workload, data);
    const { ways, remark } = await fastestWays(tf, work);
    const ops = new TfjsOps(tf, ways);
    const [groupedShape] = work.groupedConvolutions;
    const weights: Record<string, TfjsWeight> = {};
    for (const [name, weight] of work.weights) {
      const tensor = this.#upload(hostLayout(weight));
      const isGrouped = weight.role === 'grouped_conv' && groupedShape !== undefined;
      weights[name] = isGrouped ? ops.groupedWeight(tensor, groupedShape) : tensor;
    }
    return {
      remark,
      run: () =>
        this.#read(() => {
          const inputs = Object.fromEntries(
            Object.entries(work.inputs).map(([name, input]) => [name, this.#upload(input)]),
          );
          return work.apply(
            ops,
            (name) => named(inputs, name),
            (name) => named(weights, name),
          );
        }),
      toCanonical: sameLayout,
      dispose() {
        ops.dispose();
        for (const weight of Object.values(weights)) {
          for (const tensor of 'filters' in weight ? weight.filters : [weight]) tensor.dispose();
        }
      },
    };
  }

  /** The backend belongs to the library, one per page or process, and stays. */
  dispose(): void {
    this.#isOpen = undefined;
  }

  async #open(): Promise<void> {
    this.#isOpen ??= this.#tf.setBackend('webgpu');
    if (!(await this.#isOpen)) throw new Error('TensorFlow.js could not open its WebGPU backend.');
  }

  #upload({ dims, data }: HostTensor): TfTensor {
    return this.#tf.tensor(data, dims);
  }

  async #read(apply: () => TfTensor): Promise<Float32Array> {
    const output = this.#tf.tidy(apply);
    try {
      return await output.data();
    } finally {
      output.dispose();
    }
  }
}

function hostLayout({ role, tensor, groups = 1 }: OpWeight): HostTensor {
  switch (role) {
    case 'vector':
      return tensor;
    case 'matrix':
      return matrix(tensor);
    case 'conv':
      return convolution(tensor);
    case 'grouped_conv':
      return groupedConvolution(tensor, groups);
  }
}
