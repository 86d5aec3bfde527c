// Requires: workgroup_sums, THREAD_COUNT, SUM_WIDTH
// Provides: main
//
// How many rows chose each code:
//
//   out[group * code_count + code] = number of rows with chosen[row][group] == code (and counted[row] != 0)
//
// chosen    [row][group], rows chosen_stride apart, whole numbers as floats
// counted   [row]
// out       [group and code], as floats: exact for up to 2^24 rows
//
// One workgroup for each code; its threads walk the rows in strides of THREAD_COUNT. Grid: codes spread over (x, y).

struct Params {
  row_count: u32,
  group_count: u32,
  code_count: u32,
  chosen_stride: u32,
  has_counted: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> chosen: array<f32>;
@group(0) @binding(2) var<storage, read> counted: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = workgroup.y * grid.x + workgroup.x;
  if (index >= params.group_count * params.code_count) { return; }
  let group = index / params.code_count;
  let code = f32(index % params.code_count);
  var count = 0.0;
  for (var row = thread; row < params.row_count; row += THREAD_COUNT) {
    var is_counted = chosen[row * params.chosen_stride + group] == code;
    if (params.has_counted != 0u) { is_counted = is_counted && counted[row] != 0u; }
    count += select(0.0, 1.0, is_counted);
  }
  let sum = workgroup_sums(thread, array<f32, SUM_WIDTH>(count))[0];
  if (thread == 0u) { out[index] = sum; }
}
