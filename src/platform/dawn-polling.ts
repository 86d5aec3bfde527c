/**
 * How often Dawn looks for finished work, in Node. Its bindings ask with `setImmediate`, in each turn of the event loop, as long as any
 * of its promises is pending. So the main thread spins while the adapter works: a core is lost, which a software adapter needs, and each
 * turn leaves garbage (2.4 GB for 210 s of audio). https://github.com/dawn-gpu/node-webgpu/issues/17
 *
 * The bindings look `setImmediate` up among the globals each time. Here another function stands in its place, but only while native code
 * of Dawn is on the stack: of other code no more than a listener of `uncapturederror` can meet it. The methods are replaced for all users of
 * the package in this process, who get the same promises.
 */
import { setImmediate, setTimeout } from 'node:timers';

/** So long after each call Dawn asks in each turn, because work of a few milliseconds should not wait for a timer. */
const EAGER_MS = 4;
/** Then it asks so often. A timer of Node cannot be shorter. */
const DELAY_MS = 1;

/** The methods of WebGPU whose promises Dawn settles while it is asked. */
export const ASYNC_METHODS: Readonly<Record<string, readonly string[]>> = {
  GPU: ['requestAdapter'],
  GPUAdapter: ['requestDevice'],
  GPUBuffer: ['mapAsync'],
  GPUDevice: ['createComputePipelineAsync', 'createRenderPipelineAsync', 'popErrorScope'],
  GPUQueue: ['onSubmittedWorkDone'],
  GPUShaderModule: ['getCompilationInfo'],
};

type Native = (...values: unknown[]) => unknown;

let eagerUntil = 0;

/** Stands in for `setImmediate`. */
function scheduleTick(tick: Native, ...values: unknown[]): unknown {
  const run = (): void => void callNative(tick, undefined, values);
  return performance.now() < eagerUntil ? setImmediate(run) : setTimeout(run, DELAY_MS);
}

/** Calls a function of Dawn, which may schedule a tick. */
function callNative(native: Native, self: unknown, values: unknown[]): unknown {
  const original = globalThis.setImmediate;
  // Where the globals are frozen, Dawn keeps its own pace.
  Reflect.set(globalThis, 'setImmediate', scheduleTick);
  try {
    return Reflect.apply(native, self, values);
  } finally {
    Reflect.set(globalThis, 'setImmediate', original);
  }
}

/** Lets the event loop rest while Dawn's promises are pending. @param classes what the package `webgpu` exports as `globals`. */
export function paceDawn(classes: object): void {
  for (const [className, methods] of Object.entries(ASYNC_METHODS)) {
    const { prototype = {} } = (Reflect.get(classes, className) ?? {}) as { readonly prototype?: object };
    for (const method of methods) {
      const native = Reflect.get(prototype, method) as Native | undefined;
      if (native === undefined) continue;
      const paced = function (this: unknown, ...values: unknown[]): unknown {
        eagerUntil = performance.now() + EAGER_MS;
        return callNative(native, this, values);
      };
      Reflect.set(prototype, method, paced);
    }
  }
}
