// Group norm over time, first pass: mean and sum of squared deviations of the first convolution's output, for each
// channel over chunks of CHUNK_ROWS time steps. The convolution's output is recomputed, not read: at 30 s it would be
// 197 MB. Its samples are counted from audio_origin, in every pass of the group norm alike.
//
// Values are counted from a pivot, the chunk's first value, so that the difference of squares at the end loses few
// digits: the pivot is one of the values, hence at most sqrt(CHUNK_ROWS) standard deviations off their mean.
//
// A thread owns a pair of channels. Grid (chunks, blocks of pairs, items). Window and taps: conv0_window.wgsl.

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
  let pair = workgroup.y * THREAD_COUNT + thread;
  let channels = channels_of(min(pair, PAIR_COUNT - 1u));
  let chunk_start = workgroup.x * CHUNK_ROWS;
  let end_row = min(chunk_start + CHUNK_ROWS, params.row_count);
  let origin = audio_origin(item, params.sample_count, params.audio_stride);
  var taps = load_taps(channels);

  var pivot: vec2f;
  var sum: vec2f;
  var squares: vec2f;
  for (var first_row = chunk_start; first_row < end_row; first_row += GROUP_ROWS) {
    workgroupBarrier();
    stage_span(thread, item, first_row * STRIDE, params.sample_count, params.audio_stride, origin);
    workgroupBarrier();
    if (first_row == chunk_start) { pivot = convolve(0u, &taps, vec2f())[0]; }
    let group_end = min(first_row + GROUP_ROWS, end_row);
    for (var row = first_row; row < group_end; row += 4u) {
      var deviations = convolve((row - first_row) / 4u, &taps, vec2f());
      deviations[0] -= pivot;
      for (var i = 1u; i < 4u; i++) { deviations[i] = select(vec2f(), deviations[i] - pivot, row + i < group_end); }
      sum += (deviations[0] + deviations[1]) + (deviations[2] + deviations[3]);
      for (var i = 0u; i < 4u; i++) { squares = fma(deviations[i], deviations[i], squares); }
    }
  }

  let mean_deviation = sum / f32(end_row - chunk_start);
  let means = pivot + mean_deviation;
  let square_sums = max(fma(-sum, mean_deviation, squares), vec2f());
  let first = (item * grid.x + workgroup.x) * CHANNEL_COUNT + 2u * pair;
  for (var lane = 0u; lane < 2u; lane++) {
    if (2u * pair + lane < CHANNEL_COUNT) { chunks[first + lane] = vec2f(means[lane], square_sums[lane]); }
  }
}
