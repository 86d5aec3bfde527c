// Requires: workgroup_sums, activate, THREAD_COUNT, SUM_WIDTH
// Provides: main
//
// Layer norm over channels, with an optional residual added first and an optional activation after:
//
//   out[row] = activate( (s - mean(s)) / sqrt(variance(s) + epsilon) * gamma + beta ),  s = x[row] (+ residual[row])
//
// One workgroup per row; its threads walk the channels in strides of THREAD_COUNT. The statistics take two
// passes (mean, then deviations from it), because E[x^2] - mean^2 cancels when the mean is large. The second pass also
// sums the deviations themselves: their sum is the rounding error of a large mean, which is then corrected.
// Without has_affine there is no gamma and no beta.
// Rows of x, residual and out are channel_stride apart (channels rounded up to 4); out's padding is written as 0.
// Grid: rows spread over (x, y), because a dimension holds only 65535 workgroups.

struct Params {
  row_count: u32,
  channel_count: u32,
  channel_stride: u32,
  epsilon: f32,
  has_residual: u32,
  has_affine: u32,
  has_activation: u32,
  out_offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> residual: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

fn load(index: u32) -> f32 {
  var value = x[index];
  if (params.has_residual != 0u) { value += residual[index]; }
  return value;
}

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let row = workgroup.y * grid.x + workgroup.x;
  if (row >= params.row_count) { return; }
  let start = row * params.channel_stride;
  let channel_count = f32(params.channel_count);

  var sum = 0.0;
  for (var c = thread; c < params.channel_count; c += THREAD_COUNT) { sum += load(start + c); }
  let mean = workgroup_sums(thread, array<f32, SUM_WIDTH>(sum, 0.0))[0] / channel_count;

  var sums: array<f32, SUM_WIDTH>;
  for (var c = thread; c < params.channel_count; c += THREAD_COUNT) {
    let deviation = load(start + c) - mean;
    sums[0] += deviation;
    sums[1] = fma(deviation, deviation, sums[1]);
  }
  sums = workgroup_sums(thread, sums);
  let correction = sums[0] / channel_count;
  let variance = max(sums[1] / channel_count - correction * correction, 0.0);
  let scale = inverseSqrt(variance + params.epsilon);

  for (var c = thread; c < params.channel_stride; c += THREAD_COUNT) {
    var value = 0.0;
    if (c < params.channel_count) {
      value = (load(start + c) - mean - correction) * scale;
      if (params.has_affine != 0u) { value = value * gamma[c] + beta[c]; }
      if (params.has_activation != 0u) { value = activate(value); }
    }
    out[params.out_offset + start + c] = value;
  }
}
