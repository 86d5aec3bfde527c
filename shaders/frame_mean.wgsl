// Requires: workgroup_sums, THREAD_COUNT, SUM_WIDTH
// Provides: main
//
// The mean over the frames of an item, as a term of a weighted sum:
//
//   out[item] = weights[weight_index] * mean of x[item][frame] over frame < counts[item]   (+ total[item])
//
// x            [item][frame][channel], rows channel_quads vec4s apart (channels rounded up to 4; padding is like a channel)
// total, out   [item][channel], in the same way
//
// One workgroup for each channel quad of an item; its threads walk the frames in strides of THREAD_COUNT, so sums of many frames
// stay exact to the last bits. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  frame_count: u32,
  channel_quads: u32,
  weight_index: u32,
  has_weight: u32,
  has_total: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> counts: array<u32>; // one per item
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read> total: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let quad = workgroup.y * grid.x + workgroup.x;
  if (quad >= params.quad_count) { return; }
  let item = quad / params.channel_quads;
  let count = min(counts[item], params.frame_count);
  let start = item * params.frame_count * params.channel_quads + quad % params.channel_quads;

  var sum = vec4f();
  for (var frame = thread; frame < count; frame += THREAD_COUNT) { sum += x[start + frame * params.channel_quads]; }
  let sums = workgroup_sums(thread, array<f32, SUM_WIDTH>(sum.x, sum.y, sum.z, sum.w));
  if (thread > 0u) { return; }

  var value = vec4f(sums[0], sums[1], sums[2], sums[3]) / f32(max(count, 1u));
  if (params.has_weight != 0u) { value *= weights[params.weight_index]; }
  if (params.has_total != 0u) { value += total[quad]; }
  out[quad] = value;
}
