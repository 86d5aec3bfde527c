// Requires: THREAD_COUNT
// Provides: main
//
// Reads each row as `size` consecutive frames, and ends with frames of zeros:
//
//   out[item][t][c] = x[item][t / size][t % size * channel_count + c],   0 where there is no such row
//
// x     [item][pooled frame][size * channel_count], rows x_stride apart (rounded up to 4)
// out   [item][frame][channel], rows channel_quads vec4s apart (channels rounded up to 4 with zeros)
//
// One thread per channel quad of out. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  pooled_frame_count: u32,
  frame_count: u32,
  channel_count: u32,
  channel_quads: u32,
  size: u32,
  x_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let quad = (workgroup.y * grid.x + workgroup.x) * THREAD_COUNT + thread;
  if (quad >= params.quad_count) { return; }
  let first_channel = (quad % params.channel_quads) * 4u;
  let row = quad / params.channel_quads;
  let frame = row % params.frame_count;
  let pooled = frame / params.size;

  var value = vec4f();
  if (pooled < params.pooled_frame_count) {
    let start = (row / params.frame_count * params.pooled_frame_count + pooled) * params.x_stride
      + frame % params.size * params.channel_count;
    for (var i = 0u; i < 4u; i++) {
      if (first_channel + i < params.channel_count) { value[i] = x[start + first_channel + i]; }
    }
  }
  out[quad] = value;
}
