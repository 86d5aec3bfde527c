// Requires: channels_from, audio_origin, stage_span, bounded, load_taps, convolve, write_row, CHANNEL_COUNT,
//           BLOCK_CHANNELS, GROUP_ROWS, STRIDE, ROW_LENGTH, THREAD_COUNT
// Provides: main, audio, w, out
//
// First convolution + group norm (one group per channel: statistics over time) + activation, for
// feat_extract_norm = "group": audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
// The statistics come from conv0_statistics.wgsl and conv0_merge.wgsl, over all time; this pass may cover
// a tile of time only.
//
// A workgroup owns GROUP_ROWS rows of BLOCK_CHANNELS channels. Grid: groups of rows spread over (x, y), items times
// blocks of channels.

struct Params {
  sample_count: u32,
  audio_stride: u32,
  first_sample: u32,
  row_count: u32,
  channel_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> audio: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> statistics: array<vec2f>; // [item][channel]: mean, 1 / sqrt(variance + epsilon)
@group(0) @binding(7) var<storage, read_write> out: array<f32>;

fn moments_of(index: u32, channels: vec4u, part: u32) -> vec4f {
  let places = vec4u(index) + channels;
  return vec4f(
    statistics[places.x][part], statistics[places.y][part], statistics[places.z][part], statistics[places.w][part]);
}

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let block_count = (CHANNEL_COUNT + BLOCK_CHANNELS - 1u) / BLOCK_CHANNELS;
  let item = workgroup.z / block_count;
  let channels = channels_from(workgroup.z % block_count * BLOCK_CHANNELS + thread);
  let first_row = (workgroup.y * grid.x + workgroup.x) * GROUP_ROWS;
  if (first_row >= params.row_count) { return; }
  let first_sample = params.first_sample + first_row * STRIDE;
  let origin = audio_origin(item, params.sample_count, params.audio_stride);
  stage_span(thread, item, first_sample, params.sample_count, params.audio_stride, origin);
  workgroupBarrier();
  if (channels.x >= ROW_LENGTH) { return; }

  let read = bounded(channels);
  let means = moments_of(item * CHANNEL_COUNT, read, 0u);
  let gammas = vec4f(gamma[read.x], gamma[read.y], gamma[read.z], gamma[read.w]);
  let scales = moments_of(item * CHANNEL_COUNT, read, 1u) * gammas;
  let betas = vec4f(beta[read.x], beta[read.y], beta[read.z], beta[read.w]);
  let taps = load_taps(channels);

  let stride = params.channel_stride;
  let end_row = min(first_row + GROUP_ROWS, params.row_count);
  var slot = (item * params.row_count + first_row) * stride + channels.x;
  for (var row = first_row; row < end_row; row += 4u) {
    let rows = convolve((row - first_row) / 4u, channels, taps, vec4f());
    // The mean is subtracted first, so that equal values give exactly 0.
    write_row(slot, channels, fma(rows[0] - means, scales, betas));
    if (row + 1u < end_row) { write_row(slot + stride, channels, fma(rows[1] - means, scales, betas)); }
    if (row + 2u < end_row) { write_row(slot + 2u * stride, channels, fma(rows[2] - means, scales, betas)); }
    if (row + 3u < end_row) { write_row(slot + 3u * stride, channels, fma(rows[3] - means, scales, betas)); }
    slot += 4u * stride;
  }
}
