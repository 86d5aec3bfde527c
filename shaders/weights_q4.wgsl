// Requires: params
// Provides: w_scale, w_quad, SCALE_QUADS
//
// Weights of a GEMM as signed half bytes, eight in a word, the first in the lowest bits; blocks of 32 share a float32
// scale. The scales follow all words. Rows are padded to whole blocks. weights_f32.wgsl explains the names.

@group(0) @binding(2) var<storage, read> w: array<u32>;

const SCALE_QUADS: u32 = 8u;

fn w_scale(quad: u32) -> f32 { return bitcast<f32>(w[params.w_scales_start + quad / SCALE_QUADS]); }

fn w_quad(quad: u32, scale: f32) -> vec4f {
  let half_word = w[quad / 2u] >> (16u * (quad % 2u));
  // Shifting up and down again extends the sign.
  return vec4f(vec4i(vec4u(half_word) << vec4u(28u, 24u, 20u, 16u)) >> vec4u(28u)) * scale;
}
