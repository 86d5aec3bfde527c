// First convolution + layer norm over channels + activation, for feat_extract_norm = "layer":
// audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
//
// A workgroup owns GROUP_ROWS = 4 output rows of one item and all channels. Its first two BLOCK_CHANNELS stay in
// registers between statistics and output; further ones, which no known model has, are computed twice. Twice the threads
// with one block each took twice as long on SwiftShader, where it is threads and their barriers that cost. A row's values are
// counted from a pivot, the mean of the first thread's four, so that the difference of squares loses few digits: however
// the values lie, such a mean is at most sqrt(CHANNEL_COUNT) standard deviations off that of all.
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

const PART_COUNT: u32 = 8u;

const KEPT_CHANNELS: u32 = 2u * BLOCK_CHANNELS;

var<workgroup> thread_sums: array<array<vec4f, 2>, THREAD_COUNT>;
var<workgroup> pivots: vec4f; // of the four rows
var<workgroup> part_sums: array<array<vec4f, 2>, PART_COUNT>;

fn bias_of(channel: u32) -> f32 {
  if (HAS_BIAS) { return bias[channel]; }
  return 0.0;
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

fn outputs_of(first: u32) -> mat4x4f {
  let channels = channels_from(first);
  let read = bounded(channels);
  let biases = vec4f(bias_of(read.x), bias_of(read.y), bias_of(read.z), bias_of(read.w));
  return convolve(0u, channels, load_taps(channels), biases);
}

// The outputs of four channels less the pivot of their row.
fn deviations_of(first: u32, outputs: mat4x4f) -> mat4x4f {
  let channels = channels_from(first);
  return mat4x4f(
    without_padding(channels, outputs[0] - pivots.x),
    without_padding(channels, outputs[1] - pivots.y),
    without_padding(channels, outputs[2] - pivots.z),
    without_padding(channels, outputs[3] - pivots.w));
}

fn add_moments(moments: array<vec4f, 2>, rows: mat4x4f) -> array<vec4f, 2> {
  let of_channels = transpose(rows);
  let c0 = of_channels[0];
  let c1 = of_channels[1];
  let c2 = of_channels[2];
  let c3 = of_channels[3];
  return array<vec4f, 2>(
    moments[0] + ((c0 + c1) + (c2 + c3)),
    fma(c0, c0, fma(c1, c1, fma(c2, c2, fma(c3, c3, moments[1])))));
}

fn write_rows(item: u32, first_row: u32, first: u32, rows: mat4x4f, scales: vec4f, shifts: vec4f) {
  let channels = channels_from(first);
  let read = bounded(channels);
  let gammas = vec4f(gamma[read.x], gamma[read.y], gamma[read.z], gamma[read.w]);
  let betas = vec4f(beta[read.x], beta[read.y], beta[read.z], beta[read.w]);
  let stride = params.channel_stride;
  let slot = (item * params.row_count + first_row) * stride + first;
  let count = params.row_count - first_row;
  write_row(slot, channels, fma(fma(rows[0], vec4f(scales.x), vec4f(shifts.x)), gammas, betas));
  if (count > 1u) { write_row(slot + stride, channels, fma(fma(rows[1], vec4f(scales.y), vec4f(shifts.y)), gammas, betas)); }
  if (count > 2u) { write_row(slot + 2u * stride, channels, fma(fma(rows[2], vec4f(scales.z), vec4f(shifts.z)), gammas, betas)); }
  if (count > 3u) { write_row(slot + 3u * stride, channels, fma(fma(rows[3], vec4f(scales.w), vec4f(shifts.w)), gammas, betas)); }
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

  let next = thread + BLOCK_CHANNELS;
  let outputs = outputs_of(thread);
  let next_outputs = outputs_of(next);
  if (thread == 0u) { pivots = vec4f(0.25) * outputs; }
  workgroupBarrier();
  let rows = deviations_of(thread, outputs);
  let next_rows = deviations_of(next, next_outputs);
  var moments = add_moments(add_moments(array<vec4f, 2>(), rows), next_rows);
  if (ROW_LENGTH > KEPT_CHANNELS) {
    for (var first = thread + KEPT_CHANNELS; first < ROW_LENGTH; first += BLOCK_CHANNELS) {
      moments = add_moments(moments, deviations_of(first, outputs_of(first)));
    }
  }
  moments = workgroup_sums(thread, moments);
  let means = moments[0] / f32(CHANNEL_COUNT);
  let variances = max(moments[1] / f32(CHANNEL_COUNT) - means * means, vec4f());
  let scales = inverseSqrt(variances + params.epsilon);
  let shifts = -means * scales;

  write_rows(item, first_row, thread, rows, scales, shifts);
  write_rows(item, first_row, next, next_rows, scales, shifts);
  if (ROW_LENGTH > KEPT_CHANNELS) {
    for (var first = thread + KEPT_CHANNELS; first < ROW_LENGTH; first += BLOCK_CHANNELS) {
      write_rows(item, first_row, first, deviations_of(first, outputs_of(first)), scales, shifts);
    }
  }
}
