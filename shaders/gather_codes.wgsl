// Requires: THREAD_COUNT
// Provides: main
//
// The vectors of the chosen codes, one after another:
//
//   out[row][group * size + i] = codevectors[group * code_count + chosen[row][group]][i]
//
// chosen        [row][group], rows chosen_stride apart, whole numbers as floats
// codevectors   [group and code][i], size numbers each
// out           [row][group and i], rows out_stride apart; padding is written as 0
//
// One thread for each number of out. Grid: numbers spread over (x, y).

struct Params {
  number_count: u32,
  group_count: u32,
  code_count: u32,
  size: u32,
  chosen_stride: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> chosen: array<f32>;
@group(0) @binding(2) var<storage, read> codevectors: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let index = (workgroup.y * grid.x + workgroup.x) * THREAD_COUNT + thread;
  if (index >= params.number_count) { return; }
  let column = index % params.out_stride;
  let group = column / params.size;
  var value = 0.0;
  if (group < params.group_count) {
    let code = min(u32(chosen[index / params.out_stride * params.chosen_stride + group]), params.code_count - 1u);
    value = codevectors[(group * params.code_count + code) * params.size + column % params.size];
  }
  out[index] = value;
}
