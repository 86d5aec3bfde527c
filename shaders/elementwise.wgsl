// Requires: activate2, THREAD_COUNT
// Provides: main
//
// One element at a time: an activation, the sum of two tensors, or both.
//
//   out = activate(x) + y
//
// x, y, out   [row][channel], rows channel_quads vec4s apart (channels rounded up to 4); out's padding is written as 0,
//             which an activation of 0 need not be
//
// One thread per channel quad. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  channel_count: u32,
  channel_quads: u32,
  has_activation: u32,
  has_addend: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let quad = (workgroup.y * grid.x + workgroup.x) * THREAD_COUNT + thread;
  if (quad >= params.quad_count) { return; }
  var value = x[quad];
  if (params.has_activation != 0u) { value = vec4f(activate2(value.xy), activate2(value.zw)); }
  if (params.has_addend != 0u) { value += y[quad]; }
  let channels = vec4u(quad % params.channel_quads * 4u) + vec4u(0u, 1u, 2u, 3u);
  out[quad] = select(vec4f(), value, channels < vec4u(params.channel_count));
}
