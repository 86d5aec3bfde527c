// Requires: workgroup_sums, THREAD_COUNT, SUM_WIDTH
// Provides: main
//
// The mean and the standard deviation of each channel over the first frames of an item:
//
//   out[item] = [mean | sqrt(sum of (x[item][frame] - mean)^2 / (count - 1))],  frame < count = counts[item]
//
// x     [item][frame][channel], rows channel_quads vec4s apart (channels rounded up to 4; padding is not used)
// out   [item][2 * channel_count], rows out_stride apart (rounded up to 4 with zeros)
//
// The sum of squares is divided by count - 1, as for a sample, and counts are at least 2. As in layer_norm.wgsl, a second pass sums the
// deviations from the mean, and corrects by their own sum the rounding of a large mean.
// One workgroup for each channel quad of an item; its threads walk the frames in strides of THREAD_COUNT. Grid: quads spread over (x, y).

struct Params {
  quad_count: u32,
  frame_count: u32,
  channel_count: u32,
  channel_quads: u32,
  out_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> counts: array<u32>; // one per item
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

fn quad_sums(thread: u32, first: vec4f, second: vec4f) -> array<f32, SUM_WIDTH> {
  return workgroup_sums(
    thread,
    array<f32, SUM_WIDTH>(first.x, first.y, first.z, first.w, second.x, second.y, second.z, second.w),
  );
}

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let quad = workgroup.y * grid.x + workgroup.x;
  if (quad >= params.quad_count) { return; }
  let item = quad / params.channel_quads;
  let channel_quad = quad % params.channel_quads;
  let count = min(counts[item], params.frame_count);
  let start = item * params.frame_count * params.channel_quads + channel_quad;

  var sum = vec4f();
  for (var frame = thread; frame < count; frame += THREAD_COUNT) { sum += x[start + frame * params.channel_quads]; }
  let totals = quad_sums(thread, sum, vec4f());
  let mean = vec4f(totals[0], totals[1], totals[2], totals[3]) / f32(max(count, 1u));

  var rest = vec4f();
  var squares = vec4f();
  for (var frame = thread; frame < count; frame += THREAD_COUNT) {
    let deviation = x[start + frame * params.channel_quads] - mean;
    rest += deviation;
    squares = fma(deviation, deviation, squares);
  }
  let moments = quad_sums(thread, rest, squares);
  let channel = channel_quad * 4u + thread;
  let row = item * params.out_stride;
  if (thread < 4u && channel < params.channel_count) {
    let correction = moments[thread] / f32(max(count, 1u));
    let square_sum = max(moments[4u + thread] - moments[thread] * correction, 0.0);
    out[row + channel] = mean[thread] + correction;
    out[row + params.channel_count + channel] = sqrt(square_sum / f32(max(count, 2u) - 1u));
  }
  if (channel_quad == 0u && thread < params.out_stride - 2u * params.channel_count) {
    out[row + 2u * params.channel_count + thread] = 0.0;
  }
}
