/** Names and numbers of the activations of `shaders/activation.wgsl`. */
import { prelude } from '../src/gpu/kernel.ts';
import activationSource from '../shaders/activation.wgsl';

/** Named as in transformers' ACT2FN. */
export const ACTIVATIONS = [
  'gelu',
  'gelu_10',
  'gelu_new',
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
  'linear',
  'laplace',
  'sqrtsoftplus',
] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** Other names for the same activations in configurations. */
export const ACTIVATION_ALIASES: ReadonlyMap<string, Activation> = new Map<string, Activation>([
  ['gelu_python', 'gelu'],
  ['gelu_accurate', 'gelu_new'],
  ['gelu_pytorch_tanh', 'gelu_new'],
  ['gelu_python_tanh', 'gelu_new'],
  // The reference rounds sqrt(2/pi) to ten digits here. In float32 both constants are the same number.
  ['gelu_fast', 'gelu_new'],
  ['swish', 'silu'],
]);

/** Every name that a configuration may use. */
export const activationNames = (): readonly string[] => [...ACTIVATIONS, ...ACTIVATION_ALIASES.keys()];

/** The kernel's activation for a configuration's name. */
export const activationNamed = (name: string): Activation | undefined =>
  ACTIVATIONS.find((activation) => activation === name) ?? ACTIVATION_ALIASES.get(name);

/** The shader text that defines `activate(x)` for one activation. */
export function activationSourceFor(activation: Activation): string {
  const numbers = ACTIVATIONS.map((name, index) => [`ACTIVATION_${name.toUpperCase()}`, index] as const);
  return (
    prelude({ ...Object.fromEntries(numbers), ACTIVATION: ACTIVATIONS.indexOf(activation) }) +
    activationSource
  );
}
