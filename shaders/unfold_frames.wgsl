// Requires: THREAD_COUNT
// Provides: main
//
// Lays the frames that a dilated convolution reads side by side, so that it is a product of rows:
//
//   out[item][t][tap] = x[item][t * stride + tap * dilation]
//
// x     [item][frame][channel], rows channel_quads vec4s apart (channels rounded up to 4)
// out   [item][t][tap][channel], in the same way
//
// One thread per channel quad of out. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  frame_count: u32,
  out_frame_count: u32,
  channel_quads: u32,
  tap_count: u32,
  stride: u32,
  dilation: u32,
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
  let tap = (quad / params.channel_quads) % params.tap_count;
  let row = quad / (params.channel_quads * params.tap_count);
  let item = row / params.out_frame_count;
  let frame = (row % params.out_frame_count) * params.stride + tap * params.dilation;
  if (frame >= params.frame_count) { return; }
  out[quad] = x[(item * params.frame_count + frame) * params.channel_quads + quad % params.channel_quads];
}
