/** Names and numbers of the activations of `shaders/activation.wgsl`. */
import { prelude } from '../src/gpu/kernel.ts';
import activationSource from '../shaders/activation.wgsl';

export const ACTIVATIONS = [
  'linear',
  'gelu',
  'gelu_10',
  'gelu_tanh',
  'quick_gelu',
  'relu',
  'relu2',
  'relu6',
  'silu',
  'sigmoid',
  'tanh',
  'mish',
  'hardswish',
  'leaky_relu',
  'laplace',
  'sqrt_softplus',
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** Names that configs use (transformers' ACT2FN) → the kernel's activation. */
export const ACTIVATION_BY_NAME: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ['gelu', 'gelu'],
  ['gelu_python', 'gelu'],
  ['gelu_10', 'gelu_10'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_accurate', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['gelu_python_tanh', 'gelu_tanh'],
  // The reference rounds sqrt(2/pi) to ten digits here; in float32 both constants are the same number.
  ['gelu_fast', 'gelu_tanh'],
  ['quick_gelu', 'quick_gelu'],
  ['relu', 'relu'],
  ['relu2', 'relu2'],
  ['relu6', 'relu6'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['sigmoid', 'sigmoid'],
  ['tanh', 'tanh'],
  ['mish', 'mish'],
  ['hardswish', 'hardswish'],
  ['leaky_relu', 'leaky_relu'],
  ['linear', 'linear'],
  ['laplace', 'laplace'],
  ['sqrtsoftplus', 'sqrt_softplus'],
]);

/** The shader text that defines `activate(x)` for one activation. */
export function activationSourceFor(activation: Activation): string {
  const numbers = ACTIVATIONS.map((name, index) => [`ACTIVATION_${name.toUpperCase()}`, index] as const);
  return (
    prelude({ ...Object.fromEntries(numbers), ACTIVATION: ACTIVATIONS.indexOf(activation) }) +
    activationSource
  );
}
