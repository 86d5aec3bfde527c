import { GPUShaderStage } from './flags.ts';
import { UniSpeechError } from '../base/errors.ts';
import type { Binding, Kernel } from './kernel.ts';

const BUFFER_TYPES: Readonly<Record<Binding, GPUBufferBindingType>> = {
  uniform: 'uniform',
  read: 'read-only-storage',
  write: 'storage',
};

export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/**
 * Compiled pipelines of one device. The key is the shader source itself, so the same key means the same
 * shader. A pipeline is compiled once, however many steps, plans or models use it.
 */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #compiled = new Map<string, Promise<CompiledKernel>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** @throws UniSpeechError `shader-failed` naming kernel, line and the compiler's message. */
  compile(kernel: Kernel): Promise<CompiledKernel> {
    let compiled = this.#compiled.get(kernel.source);
    if (compiled === undefined) {
      compiled = this.#compile(kernel);
      this.#compiled.set(kernel.source, compiled);
      // A failure may be temporary, so the next user tries again.
      compiled.catch(() => this.#compiled.delete(kernel.source));
    }
    return compiled;
  }

  async #compile(kernel: Kernel): Promise<CompiledKernel> {
    const layout = this.#layout(kernel.bindings);
    // The pipeline's promise reports the error. Without a scope it would be printed to the console as well.
    this.#device.pushErrorScope('validation');
    const module = this.#device.createShaderModule({ label: kernel.name, code: kernel.source });
    void this.#device.popErrorScope().catch(() => undefined);
    try {
      const pipeline = await this.#device.createComputePipelineAsync({
        label: kernel.name,
        layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: 'main' },
      });
      return { pipeline, layout };
    } catch (cause) {
      const { messages } = await module.getCompilationInfo();
      const first = messages.find((message) => message.type === 'error');
      const where = first ? ` at line ${first.lineNum}: ${first.message}` : `: ${String(cause)}`;
      throw new UniSpeechError(
        'shader-failed',
        `The kernel ${kernel.name} did not compile on this adapter${where}.`,
        'Please report this with the output of "unispeech doctor".',
        { cause },
      );
    }
  }

  #layout(bindings: readonly Binding[]): GPUBindGroupLayout {
    const key = bindings.join();
    let layout = this.#layouts.get(key);
    if (layout === undefined) {
      layout = this.#device.createBindGroupLayout({
        entries: bindings.map((type, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: BUFFER_TYPES[type] },
        })),
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}
