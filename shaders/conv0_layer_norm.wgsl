// Requires: span, bounded, convolve, load_taps, without_padding, stage_span, channels_from, write_row, HAS_BIAS,
//           CHANNEL_COUNT, KERNEL, THREAD_COUNT, GROUP_ROWS, STRIDE, ROW_LENGTH, BLOCK_CHANNELS
// Provides: main, audio, w, out
//
// First convolution + layer norm over channels + activation, for feat_extract_norm = "layer":
// audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
//
// A workgroup owns GROUP_ROWS = 4 output rows of one item and all channels. The convolution is cheap compared with the
// loads, so it is computed twice (statistics, output) and never stored. A pivot is subtracted from a row's values: the mean of
// PIVOT_COUNT of them spread over the channels. The difference of squares then loses few digits, because such a mean is always
// at most sqrt(CHANNEL_COUNT / PIVOT_COUNT) standard deviations off the mean of all.
// Grid: groups of rows spread over (x, y), items.

struct Params {
  sample_count: u32,
  audio_stride: u32,
  first_sample: u32,
  row_count: u32,
  channel_stride: u32,
  epsilon: f32,
  one: u32, // 1, which compilers do not know: in bounds of loops that they must not unroll, since compiling takes long enough
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> audio: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;

const PIVOT_COUNT: u32 = min(4u, CHANNEL_COUNT);
const PART_COUNT: u32 = min(8u, THREAD_COUNT / 2u);

var<workgroup> thread_sums: array<array<vec4f, 2>, THREAD_COUNT>;
var<workgroup> part_sums: array<array<vec4f, 2>, PART_COUNT>;

fn bias_of(channel: u32) -> f32 {
  if (HAS_BIAS) { return bias[channel]; }
  return 0.0;
}

// A convolution with the mean of the taps gives the mean of the outputs.
fn find_pivots() -> vec4f {
  var pivot_bias = 0.0;
  for (var i = 0u; i < PIVOT_COUNT; i++) { pivot_bias += bias_of(i * (CHANNEL_COUNT / PIVOT_COUNT)); }
  var sums = vec4f(pivot_bias);
  for (var k = 0u; k < KERNEL * params.one; k++) {
    var tap = 0.0;
    for (var i = 0u; i < PIVOT_COUNT; i++) { tap += w[i * (CHANNEL_COUNT / PIVOT_COUNT) * KERNEL + k]; }
    sums = fma(vec4f(tap), span[k], sums);
  }
  return sums / f32(PIVOT_COUNT);
}

// Sums over the workgroup in two steps, as in workgroup_sum.wgsl, for four rows at once.
fn workgroup_sums(thread: u32, values: array<vec4f, 2>) -> array<vec4f, 2> {
  thread_sums[thread] = values;
  workgroupBarrier();
  if (thread < 2u * PART_COUNT) {
    var sum = vec4f();
    for (var i = thread / 2u; i < THREAD_COUNT * params.one; i += PART_COUNT) { sum += thread_sums[i][thread % 2u]; }
    part_sums[thread / 2u][thread % 2u] = sum;
  }
  workgroupBarrier();
  var sums: array<vec4f, 2>;
  for (var part = 0u; part < PART_COUNT * params.one; part++) {
    sums[0] += part_sums[part][0];
    sums[1] += part_sums[part][1];
  }
  return sums;
}

// The outputs of four channels per row, minus the row's pivot.
fn deviations_of(channels: vec4u, pivots: vec4f) -> mat4x4f {
  let read = bounded(channels);
  let rows = convolve(0u, channels, load_taps(channels), vec4f(bias_of(read.x), bias_of(read.y), bias_of(read.z), bias_of(read.w)));
  return mat4x4f(
    without_padding(channels, rows[0] - pivots.x),
    without_padding(channels, rows[1] - pivots.y),
    without_padding(channels, rows[2] - pivots.z),
    without_padding(channels, rows[3] - pivots.w));
}

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let item = workgroup.z;
  let first_row = (workgroup.y * grid.x + workgroup.x) * GROUP_ROWS;
  if (first_row >= params.row_count) { return; }
  stage_span(thread, item, params.first_sample + first_row * STRIDE, params.sample_count, params.audio_stride, 0.0);
  workgroupBarrier();

  let pivots = find_pivots();
  var moments = array<vec4f, 2>();
  for (var first = thread; first < ROW_LENGTH; first += BLOCK_CHANNELS) {
    let of_channels = transpose(deviations_of(channels_from(first), pivots));
    let c0 = of_channels[0];
    let c1 = of_channels[1];
    let c2 = of_channels[2];
    let c3 = of_channels[3];
    moments[0] += (c0 + c1) + (c2 + c3);
    moments[1] = fma(c0, c0, fma(c1, c1, fma(c2, c2, fma(c3, c3, moments[1]))));
  }
  moments = workgroup_sums(thread, moments);
  let means = moments[0] / f32(CHANNEL_COUNT);
  let variances = max(moments[1] / f32(CHANNEL_COUNT) - means * means, vec4f());
  let scales = inverseSqrt(variances + params.epsilon);
  let shifts = -means * scales;

  let stride = params.channel_stride;
  let first_slot = (item * params.row_count + first_row) * stride;
  for (var first = thread; first < ROW_LENGTH; first += BLOCK_CHANNELS) {
    let channels = channels_from(first);
    let rows = deviations_of(channels, pivots);
    let read = bounded(channels);
    let gammas = vec4f(gamma[read.x], gamma[read.y], gamma[read.z], gamma[read.w]);
    let betas = vec4f(beta[read.x], beta[read.y], beta[read.z], beta[read.w]);
    for (var i = 0u; i < 4u; i++) {
      let normalized = fma(rows[i], vec4f(scales[i]), vec4f(shifts[i]));
      if (first_row + i < params.row_count) {
        write_row(first_slot + i * stride + first, channels, fma(normalized, gammas, betas));
      }
    }
  }
}
