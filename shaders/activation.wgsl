// Elementwise activations, chosen by the constant ACTIVATION (numbers: kernels/activation.ts).
// Formulas: transformers/activations.py (ACT2FN). Every argument of exp is bounded, since WGSL leaves overflow to
// the implementation; tanh is our own, since the built-in one may be 1e-5 off, and NaN for large numbers.

const SQRT_HALF: f32 = 0.70710678118654752;
const SQRT_2_OVER_PI: f32 = 0.79788456080286536;

// erfc(z) for z >= 0, Abramowitz and Stegun 7.1.26, |error| <= 1.5e-7. The tail is computed directly,
// not as 1 - erf, so that gelu of a large negative number does not cancel.
fn erfc_positive(z: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let polynomial =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return polynomial * exp(-min(z * z, 80.0));
}

// The standard normal distribution function.
fn normal_cdf(x: f32) -> f32 {
  let tail = 0.5 * erfc_positive(abs(x) * SQRT_HALF);
  return select(tail, 1.0 - tail, x >= 0.0);
}

fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0)));
}

// The series serves small numbers, where 1 - 2 / (exp(2 |x|) + 1) cancels.
fn stable_tanh(x: f32) -> f32 {
  let square = x * x;
  let series = x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0 - square * (17.0 / 315.0))));
  let magnitude = 1.0 - 2.0 / (exp(2.0 * min(abs(x), 15.0)) + 1.0);
  return select(sign(x) * magnitude, series, abs(x) < 0.25);
}

// x * (1 + tanh(u)) / 2 is x * sigmoid(2 u), which does not cancel for negative x.
fn gelu_tanh(x: f32) -> f32 {
  return x * sigmoid(2.0 * SQRT_2_OVER_PI * (x + 0.044715 * x * x * x));
}

// log(1 + exp(x)); the series serves small exp(-|x|), which 1 + would round away.
fn softplus(x: f32) -> f32 {
  let e = exp(-min(abs(x), 80.0));
  let series = e * (1.0 - e * (0.5 - e * (1.0 / 3.0 - e * 0.25)));
  return max(x, 0.0) + select(log(1.0 + e), series, e < 0.03);
}

// tanh(log(1 + n)) is n (n + 2) / (n (n + 2) + 2); it is 1 in f32 from x = 20 on.
fn mish(x: f32) -> f32 {
  let n = exp(clamp(x, -80.0, 20.0));
  let numerator = n * (n + 2.0);
  return x * (numerator / (numerator + 2.0));
}

fn activate(x: f32) -> f32 {
  if (ACTIVATION == ACTIVATION_GELU) { return x * normal_cdf(x); }
  if (ACTIVATION == ACTIVATION_GELU_10) { return clamp(x * normal_cdf(x), -10.0, 10.0); }
  if (ACTIVATION == ACTIVATION_GELU_TANH) { return gelu_tanh(x); }
  if (ACTIVATION == ACTIVATION_QUICK_GELU) { return x * sigmoid(1.702 * x); }
  if (ACTIVATION == ACTIVATION_RELU) { return max(x, 0.0); }
  if (ACTIVATION == ACTIVATION_RELU2) { let y = max(x, 0.0); return y * y; }
  if (ACTIVATION == ACTIVATION_RELU6) { return clamp(x, 0.0, 6.0); }
  if (ACTIVATION == ACTIVATION_SILU) { return x * sigmoid(x); }
  if (ACTIVATION == ACTIVATION_SIGMOID) { return sigmoid(x); }
  if (ACTIVATION == ACTIVATION_TANH) { return stable_tanh(x); }
  if (ACTIVATION == ACTIVATION_MISH) { return mish(x); }
  if (ACTIVATION == ACTIVATION_HARDSWISH) { return x * clamp(x + 3.0, 0.0, 6.0) / 6.0; }
  if (ACTIVATION == ACTIVATION_LEAKY_RELU) { return select(0.01 * x, x, x >= 0.0); }
  // normal_cdf(y * sqrt 2) = (1 + erf y) / 2 with y = (x - 0.707107) / (0.282095 * sqrt 2)
  if (ACTIVATION == ACTIVATION_LAPLACE) { return normal_cdf((x - 0.707107) / 0.282095); }
  if (ACTIVATION == ACTIVATION_SQRT_SOFTPLUS) { return sqrt(softplus(x)); }
  return x;
}
