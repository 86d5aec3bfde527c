// Requires: nothing
// Provides: w_scale, w_quad, SCALE_QUADS
//
// Weights of a GEMM in float16, two in a word. Needs no shader-f16. weights_f32.wgsl explains the names.

@group(0) @binding(2) var<storage, read> w: array<vec2u>;

const SCALE_QUADS: u32 = 0x40000000u;

fn w_scale(quad: u32) -> f32 { return 1.0; }

fn w_quad(quad: u32, scale: f32) -> vec4f {
  let words = w[quad];
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}
