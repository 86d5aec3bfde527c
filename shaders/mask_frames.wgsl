// Requires: THREAD_COUNT
// Provides: main
//
// Masks frames: out[frame] = x[frame] (KEEP), 0 (ZERO: padding) or replacement (REPLACE), which is one row for all frames or a row for
// each. One thread per channel quad. Grid: quads spread over (x, y).

const REPLACE: u32 = 1u;
const ZERO: u32 = 2u;

struct Params {
  quad_count: u32,
  channel_quads: u32,
  replacement_quads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> codes: array<u32>; // one per frame
@group(0) @binding(3) var<storage, read> replacement: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4f>;

@compute @workgroup_size(THREAD_COUNT)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let quad = (workgroup.y * grid.x + workgroup.x) * THREAD_COUNT + thread;
  if (quad >= params.quad_count) { return; }
  let code = codes[quad / params.channel_quads];
  var value = x[quad];
  if (code == REPLACE) { value = replacement[quad % params.replacement_quads]; }
  if (code == ZERO) { value = vec4f(); }
  out[quad] = value;
}
