// Requires: THREAD_COUNT
// Provides: main
//
// The mean of each `size` consecutive frames. Frames that are left over are dropped.
//
//   out[item][t] = mean of x[item][t * size + i] over i < size
//
// x, out   [item][frame][channel], rows channel_quads vec4s apart (channels rounded up to 4; padding is like a channel)
//
// One thread per channel quad of out. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  frame_count: u32,
  out_frame_count: u32,
  channel_quads: u32,
  size: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let quad = (workgroup.y * grid.x + workgroup.x) * THREAD_COUNT + thread;
  if (quad >= params.quad_count) { return; }
  let row = quad / params.channel_quads;
  let first = (row % params.out_frame_count) * params.size;
  let start = row / params.out_frame_count * params.frame_count * params.channel_quads + quad % params.channel_quads;
  let end = min(first + params.size, params.frame_count);
  var sum = vec4f();
  for (var frame = first; frame < end; frame++) { sum += x[start + frame * params.channel_quads]; }
  out[quad] = sum / f32(params.size);
}
