// First convolution + group norm (one group a channel: statistics over time) + activation, for
// feat_extract_norm = "group": audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
// The statistics come from conv0_statistics.wgsl and conv0_merge.wgsl, over all time; this pass may cover
// a tile of time only.
//
// A thread owns a pair of channels, a workgroup GROUP_ROWS rows of THREAD_COUNT pairs. Grid: groups of rows spread over
// (x, y), items times blocks of pairs.

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
@group(0) @binding(7) var<storage, read_write> out: array<vec2f>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let pair_block_count = (PAIR_COUNT + THREAD_COUNT - 1u) / THREAD_COUNT;
  let item = workgroup.z / pair_block_count;
  let pair = (workgroup.z % pair_block_count) * THREAD_COUNT + thread;
  let first_row = (workgroup.y * grid.x + workgroup.x) * GROUP_ROWS;
  if (first_row >= params.row_count) { return; }
  let first_sample = params.first_sample + first_row * STRIDE;
  let origin = audio_origin(item, params.sample_count, params.audio_stride);
  stage_span(thread, item, first_sample, params.sample_count, params.audio_stride, origin);
  workgroupBarrier();
  if (pair >= PAIR_COUNT) { return; }

  let channels = channels_of(pair);
  let x_moments = statistics[item * CHANNEL_COUNT + channels.x];
  let y_moments = statistics[item * CHANNEL_COUNT + channels.y];
  let means = vec2f(x_moments.x, y_moments.x);
  let scales = vec2f(x_moments.y * gamma[channels.x], y_moments.y * gamma[channels.y]);
  let betas = vec2f(beta[channels.x], beta[channels.y]);
  var taps = load_taps(channels);

  let row_stride2 = params.channel_stride / 2u;
  let end_row = min(first_row + GROUP_ROWS, params.row_count);
  var slot = (item * params.row_count + first_row) * row_stride2 + pair;
  for (var row = first_row; row < end_row; row += 4u) {
    var rows = convolve((row - first_row) / 4u, &taps, vec2f());
    for (var i = 0u; i < 4u; i++) {
      // The mean is taken off first: where all values are equal, nothing may be left of them.
      rows[i] = without_padding(pair, activate2(fma(rows[i] - means, scales, betas)));
    }
    for (var i = 0u; i < 4u; i++) {
      if (row + i < end_row) { out[slot + i * row_stride2] = rows[i]; }
    }
    slot += 4u * row_stride2;
  }
}
