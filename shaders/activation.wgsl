// Requires: ACTIVATION, ACTIVATION_*
// Provides: activate, activate2
//
// Elementwise activations, chosen by the constant ACTIVATION (numbers: kernels/activation.ts).
// Formulas: transformers/activations.py (ACT2FN). Every argument of exp is bounded, since WGSL leaves overflow to
// the implementation; tanh is our own, since the built-in one may be 1e-5 off, and NaN for large numbers.

const SQRT_2_OVER_PI: f32 = 0.79788456080286536;

// Half of erf(z / sqrt 2) for z >= 0, that is the standard normal distribution function less a half, nearly all of it
// multiply-adds: the fourth root of the tail 0.5 - half_erf decays slowly enough for a short polynomial. A least-maximum
// fit on [0, 5.5] weighted by z: gelu is at most 7e-8 off, 1.5e-7 max(1, |x|) with the rounding of f32.
fn half_erf(z: f32) -> f32 {
  let y = min(z, 5.5);
  var root = fma(1.27421657e-7, y, -5.60413037e-6);
  root = fma(root, y, 7.3992087e-5);
  root = fma(root, y, -3.65675864e-4);
  root = fma(root, y, 8.94897457e-5);
  root = fma(root, y, 3.64129036e-3);
  root = fma(root, y, 4.75572888e-3);
  root = fma(root, y, -0.0502340086);
  root = fma(root, y, -0.167729229);
  root = fma(root, y, 0.840896308);
  let square = root * root;
  return fma(-square, square, 0.5);
}

// The standard normal distribution function.
fn normal_cdf(x: f32) -> f32 {
  let half = half_erf(abs(x));
  return 0.5 + select(-half, half, x >= 0.0);
}

// x normal_cdf(x) as x / 2 + |x| half_erf: beyond the fit the halves meet exactly, and NaN stays NaN.
fn gelu(x: f32) -> f32 {
  return fma(abs(x), half_erf(abs(x)), 0.5 * x);
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
  if (ACTIVATION == ACTIVATION_GELU) { return gelu(x); }
  if (ACTIVATION == ACTIVATION_GELU_10) { return clamp(gelu(x), -10.0, 10.0); }
  if (ACTIVATION == ACTIVATION_GELU_NEW) { return gelu_tanh(x); }
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
  if (ACTIVATION == ACTIVATION_SQRTSOFTPLUS) { return sqrt(softplus(x)); }
  return x;
}

fn activate2(x: vec2f) -> vec2f {
  return vec2f(activate(x.x), activate(x.y));
}
