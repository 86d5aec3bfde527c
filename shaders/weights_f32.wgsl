// Requires: nothing
// Provides: w_scale, w_quad, SCALE_QUADS
//
// Weights of a GEMM in float32. Every format has the same three names: SCALE_QUADS, how many quads (four k) of a row share
// a scale; w_scale, the scale of the block that begins with a quad; w_quad, four weights.

@group(0) @binding(2) var<storage, read> w: array<vec4f>;

// No scales: one block holds any row.
const SCALE_QUADS: u32 = 0x40000000u;

fn w_scale(quad: u32) -> f32 { return 1.0; }

fn w_quad(quad: u32, scale: f32) -> vec4f { return w[quad]; }
