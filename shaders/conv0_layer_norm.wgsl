// First convolution + layer norm over channels + activation, for feat_extract_norm = "layer":
// audio [item][sample] -> out [item][time][channel]. Window and taps: conv0_window.wgsl.
//
// A workgroup owns GROUP_ROWS = 4 * BLOCKS output rows of one item and all channels. The convolution is cheap beside the
// loads, so it is computed twice (statistics, output) and its result never stored. A row's values are counted from a
// pivot, the mean of PIVOT_COUNT of them spread over the channels, so that the difference of squares loses few digits:
// however the values lie, such a mean is at most sqrt(CHANNEL_COUNT / PIVOT_COUNT) standard deviations off that of all.
// Grid: groups of rows spread over (x, y), items.

struct Params {
  sample_count: u32,
  audio_stride: u32,
  first_sample: u32,
  row_count: u32,
  channel_stride: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> audio: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> gamma: array<f32>;
@group(0) @binding(5) var<storage, read> beta: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<vec2f>;

const PIVOT_COUNT: u32 = min(8u, CHANNEL_COUNT);

var<workgroup> pivot_values: array<f32, GROUP_ROWS * PIVOT_COUNT>; // [row][pivot]

fn bias_of(channel: u32) -> f32 {
  if (HAS_BIAS) { return bias[channel]; }
  return 0.0;
}

// The outputs that the pivots of all rows are means of. A barrier must follow.
fn find_pivot_values(thread: u32) {
  for (var slot = thread; slot < GROUP_ROWS * PIVOT_COUNT; slot += THREAD_COUNT) {
    let channel = (slot % PIVOT_COUNT) * (CHANNEL_COUNT / PIVOT_COUNT);
    let start = (slot / PIVOT_COUNT) * STEP;
    var value = bias_of(channel);
    for (var k = 0u; k < KERNEL; k++) { value = fma(span[(start + k) / 4u][(start + k) % 4u], w[channel * KERNEL + k], value); }
    pivot_values[slot] = value;
  }
}

fn pivot_of(row: u32) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < PIVOT_COUNT; i++) { sum += pivot_values[row * PIVOT_COUNT + i]; }
  return sum / f32(PIVOT_COUNT);
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
  find_pivot_values(thread);
  workgroupBarrier();

  let row_stride2 = params.channel_stride / 2u;
  // Of each row: what brings an output less its pivot to mean 0 and deviation 1.
  var pivots: array<f32, GROUP_ROWS>;
  var scales: array<f32, GROUP_ROWS>;
  var shifts: array<f32, GROUP_ROWS>;
  for (var row = 0u; row < GROUP_ROWS; row++) { pivots[row] = pivot_of(row); }
  // One loop for both passes, so that the convolution is compiled once.
  for (var is_output = 0u; is_output < 2u; is_output++) {
    var sums = array<f32, SUM_WIDTH>();
    for (var pair = thread; pair < PAIR_COUNT; pair += THREAD_COUNT) {
      let channels = channels_of(pair);
      var taps = load_taps(channels);
      let start = vec2f(bias_of(channels.x), bias_of(channels.y));
      let gammas = vec2f(gamma[channels.x], gamma[channels.y]);
      let betas = vec2f(beta[channels.x], beta[channels.y]);
      for (var block = 0u; block < BLOCKS; block++) {
        let rows = convolve(block, &taps, start);
        for (var i = 0u; i < 4u; i++) {
          let row = 4u * block + i;
          let deviations = without_padding(pair, rows[i] - pivots[row]);
          if (is_output == 0u) {
            sums[row] += deviations.x + deviations.y;
            sums[GROUP_ROWS + row] = fma(deviations.x, deviations.x, fma(deviations.y, deviations.y, sums[GROUP_ROWS + row]));
          } else if (first_row + row < params.row_count) {
            let normalized = fma(deviations, vec2f(scales[row]), vec2f(shifts[row]));
            let value = activate2(fma(normalized, gammas, betas));
            out[(item * params.row_count + first_row + row) * row_stride2 + pair] = without_padding(pair, value);
          }
        }
      }
    }
    if (is_output == 1u) { return; }
    sums = workgroup_sums(thread, sums);
    for (var row = 0u; row < GROUP_ROWS; row++) {
      let mean_deviation = sums[row] / f32(CHANNEL_COUNT);
      let variance = max(sums[GROUP_ROWS + row] / f32(CHANNEL_COUNT) - mean_deviation * mean_deviation, 0.0);
      scales[row] = inverseSqrt(variance + params.epsilon);
      shifts[row] = -mean_deviation * scales[row];
    }
  }
}
