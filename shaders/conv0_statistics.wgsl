// Requires: channels_from, audio_origin, load_taps, stage_span, convolve, BLOCK_CHANNELS, CHUNK_ROWS, GROUP_ROWS, STRIDE,
//           CHANNEL_COUNT, THREAD_COUNT
// Provides: main, audio, w
//
// Group norm over time, first pass: mean and sum of squared deviations of the first convolution's output, per
// channel, over chunks of CHUNK_ROWS time steps. The convolution's output is recomputed, not stored: at 30 s it would take
// 197 MB. Every pass of the group norm subtracts audio_origin from the samples.
//
// A pivot, the chunk's first value, is subtracted from the values, so that the difference of squares at the end loses few
// digits. The pivot is one of the values, hence at most sqrt(CHUNK_ROWS) standard deviations off their mean.
//
// Grid (chunks, blocks of channels, items). Window and taps: conv0_window.wgsl.

struct Params {
  sample_count: u32,
  audio_stride: u32,
  row_count: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> audio: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> chunks: array<vec2f>; // [item][chunk][channel]: mean, squared deviations

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let item = workgroup.z;
  let channels = channels_from(workgroup.y * BLOCK_CHANNELS + thread);
  let chunk_start = workgroup.x * CHUNK_ROWS;
  let end_row = min(chunk_start + CHUNK_ROWS, params.row_count);
  let origin = audio_origin(item, params.sample_count, params.audio_stride);
  let taps = load_taps(channels);

  var pivot: vec4f;
  var sum: vec4f;
  var squares: vec4f;
  for (var first_row = chunk_start; first_row < end_row; first_row += GROUP_ROWS) {
    workgroupBarrier();
    stage_span(thread, item, first_row * STRIDE, params.sample_count, params.audio_stride, origin);
    workgroupBarrier();
    if (first_row == chunk_start) { pivot = convolve(0u, channels, taps, vec4f())[0]; }
    let group_end = min(first_row + GROUP_ROWS, end_row);
    for (var row = first_row; row < group_end; row += 4u) {
      let rows = convolve((row - first_row) / 4u, channels, taps, vec4f());
      let d0 = rows[0] - pivot;
      let d1 = select(vec4f(), rows[1] - pivot, row + 1u < group_end);
      let d2 = select(vec4f(), rows[2] - pivot, row + 2u < group_end);
      let d3 = select(vec4f(), rows[3] - pivot, row + 3u < group_end);
      sum += (d0 + d1) + (d2 + d3);
      squares = fma(d0, d0, fma(d1, d1, fma(d2, d2, fma(d3, d3, squares))));
    }
  }

  let mean_deviation = sum / f32(end_row - chunk_start);
  let means = pivot + mean_deviation;
  let square_sums = max(fma(-sum, mean_deviation, squares), vec4f());
  let first = (item * grid.x + workgroup.x) * CHANNEL_COUNT;
  for (var i = 0u; i < 4u; i++) {
    if (channels[i] < CHANNEL_COUNT) { chunks[first + channels[i]] = vec2f(means[i], square_sums[i]); }
  }
}
