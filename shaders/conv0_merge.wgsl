// Requires: THREAD_COUNT, CHANNEL_COUNT, CHUNK_ROWS
// Provides: main
//
// Group norm over time, second pass: merges the chunks of conv0_statistics.wgsl by the pairwise rule of Chan et al.
// and turns them into mean and 1 / sqrt(variance + epsilon), with the population variance. A thread owns one channel of one item.
// Grid (channel blocks, items).

struct Params {
  row_count: u32,
  chunk_count: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> chunks: array<vec2f>; // [item][chunk][channel]
@group(0) @binding(2) var<storage, read_write> statistics: array<vec2f>; // [item][channel]

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let item = workgroup.y;
  let channel = workgroup.x * THREAD_COUNT + thread;
  if (channel >= CHANNEL_COUNT) { return; }

  var count = 0.0;
  var mean = 0.0;
  var squares = 0.0;
  for (var chunk = 0u; chunk < params.chunk_count; chunk++) {
    let moments = chunks[(item * params.chunk_count + chunk) * CHANNEL_COUNT + channel];
    let chunk_rows = f32(min(CHUNK_ROWS, params.row_count - chunk * CHUNK_ROWS));
    let total = count + chunk_rows;
    let deviation = moments.x - mean;
    mean += deviation * (chunk_rows / total);
    squares += moments.y + deviation * deviation * (count * (chunk_rows / total));
    count = total;
  }
  statistics[item * CHANNEL_COUNT + channel] = vec2f(mean, inverseSqrt(squares / count + params.epsilon));
}
