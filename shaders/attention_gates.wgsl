// Requires: THREAD_COUNT
// Provides: main
//
// Gates of the position bias, one for each frame and head, from that head's slice of the input of attention:
//
//   a, b = sigmoid( slice . weights_a + bias_a ), sigmoid( slice . weights_b + bias_b )
//   out[frame][head] = a * (b * constant - 1) + 2
//
// x         [frame][channel], rows channel_quads vec4s apart
// weights   [head][ a, b of slice_quads vec4s, one after the other | bias_a, bias_b, constant, 0 ]
//
//             head 0     head 1     head 2             A slice need not begin with a vec4. It is read in whole ones,
//   x       | . . . .  . . . . | . . . .  . . . . |    and the weights are 0 where another head's numbers are.
//
// out's rows are rounded up to 4; the padding is written as 0. One thread per number of out. Grid: numbers spread over (x, y).

struct Params {
  number_count: u32,
  head_count: u32,
  head_size: u32,
  slice_quads: u32,
  channel_quads: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> weights: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let number = (workgroup.y * grid.x + workgroup.x) * THREAD_COUNT + thread;
  if (number >= params.number_count) { return; }
  let head = number % params.out_stride;
  if (head >= params.head_count) {
    out[number] = 0.0;
    return;
  }

  let x_start = number / params.out_stride * params.channel_quads;
  let first_quad = head * params.head_size / 4u;
  let w_start = head * (2u * params.slice_quads + 1u);
  let rest = weights[w_start + 2u * params.slice_quads];
  var sums = rest.xy;
  for (var i = 0u; i < params.slice_quads; i++) {
    // The slice of the last head may be shorter; its weights are 0 then.
    let value = x[x_start + min(first_quad + i, params.channel_quads - 1u)];
    sums += vec2f(dot(value, weights[w_start + 2u * i]), dot(value, weights[w_start + 2u * i + 1u]));
  }
  let gates = 1.0 / (1.0 + exp(-sums));
  out[number] = gates.x * (gates.y * rest.z - 1.0) + 2.0;
}
