/** The activations of `transformers/activations.py` in float64, for x of any size. */
import type { Activation } from '../activation.ts';

/** From this value on the continued fraction of erfc converges fast. Below it, the series of erf loses no digits. */
const ERFC_SPLIT = 2;
const FRACTION_DEPTH = 120;

/** erf z = 2/√π · e^(−z²) · Σ 2ⁿ z^(2n+1) / (2n+1)!!: all terms of one sign. */
function erfSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

/** The complementary error function, to about 1e-15 absolute and 1e-13 relative. */
export function erfc(z: number): number {
  if (z < 0) return 2 - erfc(-z);
  if (z < ERFC_SPLIT) return 1 - erfSeries(z);
  // erfc z = e^(−z²)/√π · 1/(z + ½/(z + 1/(z + ³⁄₂/(z + …)))), from the inside out.
  let fraction = z;
  for (let n = FRACTION_DEPTH; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction);
}

const normalCdf = (x: number): number => erfc(-x * Math.SQRT1_2) / 2;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const gelu = (x: number): number => x * normalCdf(x);
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

export const ACTIVATION_REFERENCES: Readonly<Record<Activation, (x: number) => number>> = {
  linear: (x) => x,
  gelu,
  gelu_10: (x) => clamp(gelu(x), -10, 10),
  gelu_new: (x) => x * sigmoid(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)),
  quick_gelu: (x) => x * sigmoid(1.702 * x),
  relu: (x) => Math.max(x, 0),
  relu2: (x) => Math.max(x, 0) ** 2,
  relu6: (x) => clamp(x, 0, 6),
  silu: (x) => x * sigmoid(x),
  sigmoid,
  tanh: Math.tanh,
  mish: (x) => x * Math.tanh(softplus(x)),
  hardswish: (x) => (x * clamp(x + 3, 0, 6)) / 6,
  leaky_relu: (x) => (x >= 0 ? x : 0.01 * x),
  laplace: (x) => normalCdf((x - 0.707107) / 0.282095),
  sqrtsoftplus: (x) => Math.sqrt(softplus(x)),
};
