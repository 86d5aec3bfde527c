// Requires: THREAD_COUNT
// Provides: main
//
// The code that each group of a codebook gives a frame, or the most likely token of a frame: the first of the largest logits.
//
//   out[row][group] = first code with the largest logits[row][group * code_count + code] (+ noise, there)
//
// logits, noise   [row][group and code], rows row_stride apart
// out             [row][group], rows out_stride apart, as floats: whole numbers up to 2^24 are exact
//
// One workgroup for each row and group. Its threads walk the codes in strides of THREAD_COUNT, then the first one looks through what they
// found. NaN is never the largest; without any number above -infinity the first code is chosen. With marks_nan a row and group with any NaN gets
// -1 instead. NaN is known by its bits, as a compiler may take comparisons with it for impossible. Grid: pairs of row and group spread over (x, y).

struct Params {
  row_count: u32,
  group_count: u32,
  code_count: u32,
  row_stride: u32,
  out_stride: u32,
  has_noise: u32,
  marks_nan: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> noise: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const LOWEST: f32 = -3.4028234e38;
const INFINITY_BITS = 0x7f800000u;

var<workgroup> thread_values: array<f32, THREAD_COUNT>;
var<workgroup> thread_codes: array<u32, THREAD_COUNT>;
var<workgroup> nan_counts: array<u32, THREAD_COUNT>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let pair = workgroup.y * grid.x + workgroup.x;
  if (pair >= params.row_count * params.group_count) { return; }
  let row = pair / params.group_count;
  let group = pair % params.group_count;
  let start = row * params.row_stride + group * params.code_count;

  var best = LOWEST;
  var best_code = params.code_count;
  var nan_count = 0u;
  for (var code = thread; code < params.code_count; code += THREAD_COUNT) {
    var value = logits[start + code];
    if (params.has_noise != 0u) { value += noise[start + code]; }
    nan_count += select(0u, 1u, (bitcast<u32>(value) & 0x7fffffffu) > INFINITY_BITS);
    // The lowest number itself is larger than -infinity.
    if (value > best || (value == best && code < best_code)) {
      best = value;
      best_code = code;
    }
  }
  nan_counts[thread] = nan_count;
  thread_values[thread] = best;
  thread_codes[thread] = best_code;
  workgroupBarrier();
  if (thread > 0u) { return; }
  for (var other = 1u; other < THREAD_COUNT; other++) {
    let value = thread_values[other];
    let code = thread_codes[other];
    nan_count += nan_counts[other];
    if (value > best || (value == best && code < best_code)) {
      best = value;
      best_code = code;
    }
  }
  let chosen = f32(select(best_code, 0u, best_code == params.code_count));
  out[row * params.out_stride + group] = select(chosen, -1.0, params.marks_nan != 0u && nan_count > 0u);
}
