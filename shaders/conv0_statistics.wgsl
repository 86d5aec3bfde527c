// Group norm over time, first pass: mean and sum of squared deviations of the first convolution's output, for each
// channel over chunks of CHUNK_ROWS time steps, by Welford's recurrence (no E[x^2] - mean^2, so no cancellation).
// The convolution's output is recomputed, not read: at 30 s it would be 197 MB. Its samples are counted from
// audio_origin, in every pass of the group norm alike.
//
// A thread owns a channel. Grid (chunks, channel blocks, items). Window and taps: conv0_window.wgsl.

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
  let channel = workgroup.y * THREAD_COUNT + thread;
  if (channel >= CHANNEL_COUNT) { return; }
  let end_row = min((workgroup.x + 1u) * CHUNK_ROWS, params.row_count);

  let origin = audio_origin(item, params.sample_count, params.audio_stride);

  var count = 0.0;
  var mean = 0.0;
  var squares = 0.0;
  for (var row = workgroup.x * CHUNK_ROWS; row < end_row; row += TIME_BLOCK) {
    let window = load_window(item, row * STRIDE, params.sample_count, params.audio_stride, origin);
    let values = convolve(channel, window);
    for (var t = 0u; t < TIME_BLOCK; t++) {
      if (row + t < end_row) {
        count += 1.0;
        let deviation = values[t] - mean;
        mean += deviation / count;
        squares = fma(deviation, values[t] - mean, squares);
      }
    }
  }
  chunks[(item * grid.x + workgroup.x) * CHANNEL_COUNT + channel] = vec2f(mean, squares);
}
