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

const MEAN_PASS: u32 = 0u;
const OUTPUT_PASS: u32 = 2u;

fn write_rows(item: u32, first_row: u32, channel: u32, normalized: array<f32, TIME_BLOCK>) {
  var values = normalized;
  for (var t = 0u; t < TIME_BLOCK; t++) {
    let row = first_row + t;
    if (row >= params.row_count) { return; }
    var value = 0.0;
    if (channel < CHANNEL_COUNT) { value = activate(values[t] * gamma[channel] + beta[channel]); }
    out[(item * params.row_count + row) * params.channel_stride + channel] = value;
  }
}

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

  // One loop for the three passes, so that the convolution is compiled once.
  var mean: array<f32, TIME_BLOCK>;
  var correction: array<f32, TIME_BLOCK>;
  var scale: array<f32, TIME_BLOCK>;
  for (var pass_index = MEAN_PASS; pass_index <= OUTPUT_PASS; pass_index++) {
    var sums = array<f32, SUM_WIDTH>();
    for (var c = thread; c < params.channel_stride; c += THREAD_COUNT) {
      var values = array<f32, TIME_BLOCK>();
      if (c < CHANNEL_COUNT) {
        values = convolve(c, window);
        for (var t = 0u; t < TIME_BLOCK; t++) {
          let deviation = values[t] - mean[t];
          sums[t] += deviation;
          sums[TIME_BLOCK + t] = fma(deviation, deviation, sums[TIME_BLOCK + t]);
          values[t] = (deviation - correction[t]) * scale[t];
        }
      }
      if (pass_index == OUTPUT_PASS) { write_rows(item, first_row, c, values); }
    }
    if (pass_index == OUTPUT_PASS) { return; }
    sums = workgroup_sums(thread, sums);
    for (var t = 0u; t < TIME_BLOCK; t++) {
      let mean_deviation = sums[t] / f32(CHANNEL_COUNT);
      if (pass_index == MEAN_PASS) {
        mean[t] = mean_deviation;
      } else {
        let variance = max(sums[TIME_BLOCK + t] / f32(CHANNEL_COUNT) - mean_deviation * mean_deviation, 0.0);
        correction[t] = mean_deviation;
        scale[t] = inverseSqrt(variance + params.epsilon);
      }
    }
  }
}
