// First convolution + group norm (one group a channel: statistics over time) + activation, for
// feat_extract_norm = "group": audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
// The statistics come from conv0_statistics.wgsl and conv0_merge.wgsl, over all time; this pass may cover
// a tile of time only.
//
// A thread owns a channel, a workgroup TIME_BLOCK rows of THREAD_COUNT channels. Grid: time blocks spread over (x, y),
// items times channel blocks.

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

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let channel_block_count = (params.channel_stride + THREAD_COUNT - 1u) / THREAD_COUNT;
  let item = workgroup.z / channel_block_count;
  let channel = (workgroup.z % channel_block_count) * THREAD_COUNT + thread;
  let first_row = (workgroup.y * grid.x + workgroup.x) * TIME_BLOCK;
  if (channel >= params.channel_stride || first_row >= params.row_count) { return; }
  let first_sample = params.first_sample + first_row * STRIDE;
  let origin = audio_origin(item, params.sample_count, params.audio_stride);
  let window = load_window(item, first_sample, params.sample_count, params.audio_stride, origin);

  var values: array<f32, TIME_BLOCK>;
  if (channel < CHANNEL_COUNT) {
    let moments = statistics[item * CHANNEL_COUNT + channel];
    values = convolve(channel, window);
    for (var t = 0u; t < TIME_BLOCK; t++) {
      values[t] = activate((values[t] - moments.x) * moments.y * gamma[channel] + beta[channel]);
    }
  }
  for (var t = 0u; t < TIME_BLOCK; t++) {
    let row = first_row + t;
    if (row < params.row_count) { out[(item * params.row_count + row) * params.channel_stride + channel] = values[t]; }
  }
}
