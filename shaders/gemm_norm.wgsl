// Requires: params, activate, out_row_start, TILE_ROWS, THREAD_COUNT
// Provides: residual_at, finish_rows, out, OWNS_ROWS
//
// The last part of a GEMM that normalises its rows: convolution + layer norm + activation in one dispatch, and for the last
// convolution also the norm of the feature projection.
//
//                 tile      tile      tile
//            +---------+---------+---------+     a workgroup owns TILE_ROWS whole rows and computes their tiles one after
//  TILE_ROWS |    1    |    2    |    3    |     another; then it reads the rows that it wrote once more, LANES threads
//            +---------+---------+---------+     a row, and writes them normalised
//
// Only the workgroup itself reads what it wrote, so a barrier is enough. The statistics are those of layer_norm.wgsl:
// mean, deviations from it, and the rounding error of the mean.
//
// Preconditions: one group, no residual, has_activation = 0; norm_channel_count <= column_count, columns after it hold 0.

@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read> second_gamma: array<f32>;
@group(0) @binding(7) var<storage, read> second_beta: array<f32>;
@group(0) @binding(8) var<storage, read_write> out: array<f32>;

const OWNS_ROWS: bool = true;
const LANES: u32 = max(1u, THREAD_COUNT / TILE_ROWS);

var<workgroup> lane_values: array<vec2f, THREAD_COUNT>;

fn residual_at(index: u32) -> f32 { return 0.0; }

// Sums over the threads of a row.
fn sum_lanes(thread: u32, values: vec2f) -> vec2f {
  if (LANES == 1u) { return values; }
  // After this barrier, all threads have read the values of the previous call.
  workgroupBarrier();
  lane_values[thread] = values;
  workgroupBarrier();
  var sum = vec2f();
  for (var lane = 0u; lane < LANES; lane++) { sum += lane_values[thread / LANES * LANES + lane]; }
  return sum;
}

// channel_count is 0 for rows past the end.
fn normalize_row(start: u32, channel_count: u32, thread: u32, is_second: bool) {
  let lane = thread % LANES;
  let divisor = f32(params.norm_channel_count);
  var sum = 0.0;
  for (var c = lane; c < channel_count; c += LANES) { sum += out[start + c]; }
  let mean = sum_lanes(thread, vec2f(sum, 0.0)).x / divisor;
  var sums = vec2f();
  for (var c = lane; c < channel_count; c += LANES) {
    let deviation = out[start + c] - mean;
    sums = vec2f(sums.x + deviation, fma(deviation, deviation, sums.y));
  }
  let moments = sum_lanes(thread, sums) / divisor;
  let variance = max(moments.y - moments.x * moments.x, 0.0);
  let scale = inverseSqrt(variance + select(params.norm_epsilon, params.second_norm_epsilon, is_second));
  for (var c = lane; c < channel_count; c += LANES) {
    let value = (out[start + c] - mean - moments.x) * scale;
    if (is_second) {
      out[start + c] = value * second_gamma[c] + second_beta[c];
    } else {
      out[start + c] = activate(value * gamma[c] + beta[c]);
    }
  }
}

fn finish_rows(item: u32, first_row: u32, thread: u32) {
  storageBarrier();
  for (var first = 0u; first < TILE_ROWS; first += THREAD_COUNT / LANES) {
    let row = first_row + first + thread / LANES;
    let start = out_row_start(item, row);
    let channel_count = select(0u, params.norm_channel_count, row < params.row_count);
    normalize_row(start, channel_count, thread, false);
    if (params.has_second_norm != 0u) { normalize_row(start, channel_count, thread, true); }
  }
}
