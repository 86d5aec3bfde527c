// Requires: THREAD_COUNT
// Provides: main
//
// Lays hidden states out for the grouped positional convolution, which is then a GEMM over overlapping rows:
//
//   x [item][frame][channel]  ->  out [item][group][padding + frame + padding][group channel]
//
// with zeros before the first and after the last frame, and group channels rounded up to a multiple of 4 with zeros.
// One thread per element quad of out. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  frame_count: u32,
  padded_frame_count: u32,
  left_padding: u32,
  group_count: u32,
  group_channels: u32,
  group_quads: u32,
  channel_stride: u32,
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
  let first_channel = (quad % params.group_quads) * 4u;
  let padded_row = quad / params.group_quads;
  let row = padded_row % params.padded_frame_count;
  let group = (padded_row / params.padded_frame_count) % params.group_count;
  let item = padded_row / (params.padded_frame_count * params.group_count);

  var value = vec4f();
  if (row >= params.left_padding && row < params.left_padding + params.frame_count) {
    let start = (item * params.frame_count + row - params.left_padding) * params.channel_stride
      + group * params.group_channels;
    for (var i = 0u; i < 4u; i++) {
      if (first_channel + i < params.group_channels) { value[i] = x[start + first_channel + i]; }
    }
  }
  out[quad] = value;
}
