// Requires: activate, THREAD_COUNT
// Provides: main
//
// A gated linear unit: the first half of the channels, each times the activation (sigmoid) of its partner in the second half.
//
//   out[row][c] = x[row][c] * activate(x[row][channel_count + c])
//
// x     [row][2 * channel_count], rows x_stride apart (rounded up to 4)
// out   [row][channel], rows channel_quads vec4s apart (channels rounded up to 4 with zeros)
//
// One thread per channel quad of out. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  channel_count: u32,
  channel_quads: u32,
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
  let start = quad / params.channel_quads * params.x_stride + first_channel;
  var value = vec4f();
  for (var i = 0u; i < 4u; i++) {
    if (first_channel + i < params.channel_count) {
      value[i] = x[start + i] * activate(x[start + params.channel_count + i]);
    }
  }
  out[quad] = value;
}
