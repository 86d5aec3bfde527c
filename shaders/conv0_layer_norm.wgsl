// First convolution + layer norm over channels + activation, for feat_extract_norm = "layer":
// audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
//
// A workgroup owns TIME_BLOCK output rows of one item and all channels. The convolution is cheap beside the
// loads, so it is computed three times (mean, deviations, output) and its result never stored. Statistics: as in
// layer_norm.wgsl. Grid: time blocks spread over (x, y), items.

struct Params {
  sample_count: u32,
  audio_stride: u32,
  first_sample: u32,
  row_count: u32,
  channel_stride: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> audio: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let item = workgroup.z;
  let first_row = (workgroup.y * grid.x + workgroup.x) * TIME_BLOCK;
  if (first_row >= params.row_count) { return; }
  let first_sample = params.first_sample + first_row * STRIDE;
  let window = load_window(item, first_sample, params.sample_count, params.audio_stride, 0.0);

  var mean: array<f32, TIME_BLOCK>;
  for (var c = thread; c < CHANNEL_COUNT; c += THREAD_COUNT) {
    let values = convolve(c, window);
    for (var t = 0u; t < TIME_BLOCK; t++) { mean[t] += values[t]; }
  }
  mean = workgroup_sums(thread, mean);
  for (var t = 0u; t < TIME_BLOCK; t++) { mean[t] /= f32(CHANNEL_COUNT); }

  var correction: array<f32, TIME_BLOCK>;
  var scale: array<f32, TIME_BLOCK>;
  for (var c = thread; c < CHANNEL_COUNT; c += THREAD_COUNT) {
    let values = convolve(c, window);
    for (var t = 0u; t < TIME_BLOCK; t++) {
      let deviation = values[t] - mean[t];
      correction[t] += deviation;
      scale[t] = fma(deviation, deviation, scale[t]);
    }
  }
  correction = workgroup_sums(thread, correction);
  scale = workgroup_sums(thread, scale);
  for (var t = 0u; t < TIME_BLOCK; t++) {
    correction[t] /= f32(CHANNEL_COUNT);
    let variance = max(scale[t] / f32(CHANNEL_COUNT) - correction[t] * correction[t], 0.0);
    scale[t] = inverseSqrt(variance + params.epsilon);
  }

  for (var c = thread; c < params.channel_stride; c += THREAD_COUNT) {
    var values = array<f32, TIME_BLOCK>();
    if (c < CHANNEL_COUNT) {
      values = convolve(c, window);
      for (var t = 0u; t < TIME_BLOCK; t++) {
        values[t] = activate((values[t] - mean[t] - correction[t]) * scale[t] * gamma[c] + beta[c]);
      }
    }
    for (var t = 0u; t < TIME_BLOCK; t++) {
      let row = first_row + t;
      if (row < params.row_count) { out[(item * params.row_count + row) * params.channel_stride + c] = values[t]; }
    }
  }
}
