// Requires: activate2, THREAD_COUNT
// Provides: main
//
// One element at a time: an activation, a factor, a sum, or some of them.
//
//   out = activate(x) * factor + y
//
// x, out    [row][channel], rows channel_quads vec4s apart (channels rounded up to 4); out's padding is written as 0,
//           which an activation of 0 need not be
// factors   one for each channel from factor_index on (factor_step 1), or one for all of them (factor_step 0)
// y         like x (addend_quads is quad_count), or one row for all of them (addend_quads is channel_quads)
//
// One thread per channel quad. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  channel_count: u32,
  channel_quads: u32,
  has_activation: u32,
  has_factor: u32,
  factor_index: u32,
  factor_step: u32,
  has_addend: u32,
  addend_quads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;

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
  let channels = vec4u(quad % params.channel_quads * 4u) + vec4u(0u, 1u, 2u, 3u);
  if (params.has_factor != 0u) {
    let places = params.factor_index + params.factor_step * channels;
    value *= vec4f(factors[places.x], factors[places.y], factors[places.z], factors[places.w]);
  }
  if (params.has_addend != 0u) { value += y[quad % params.addend_quads]; }
  out[quad] = select(vec4f(), value, channels < vec4u(params.channel_count));
}
