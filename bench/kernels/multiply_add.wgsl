// How fast an adapter multiplies and adds: twelve independent chains a thread, in registers, nothing loaded. Twelve hide
// the latency of GPUs and CPUs alike; more would not fit the sixteen registers of a CPU that plays an adapter.
// FUSED chooses between fma and a product with an addition, since either may be the slower one.
//
// Every thread computes STEPS * 12 multiply-adds, ROUND_STEPS * 12 a round of the loop, whose own instructions then weigh
// little; the result is stored so that nothing is optimised away.

const ROUND_STEPS: u32 = 16u;

struct Params { factor: f32, addend: f32 }

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;

fn step(sum: vec4f) -> vec4f {
  if (FUSED) { return fma(sum, vec4f(params.factor), vec4f(params.addend)); }
  return sum * params.factor + params.addend;
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  var s0 = vec4f(f32(thread.x));
  var s1 = s0 + 1.0;
  var s2 = s0 + 2.0;
  for (var i = 0u; i < STEPS; i += ROUND_STEPS) {
    for (var j = 0u; j < ROUND_STEPS; j++) {
      s0 = step(s0);
      s1 = step(s1);
      s2 = step(s2);
    }
  }
  out[thread.x] = (s0 + s1) + s2;
}
