// Requires: nothing
// Provides: gate_of, biased, biased_keys, biased_block
//
// Scores of attention without a position bias: nothing is read, nothing is added. attention_biased.wgsl explains the names.

fn gate_of(item: u32, query: u32, head: u32) -> f32 { return 0.0; }

fn biased(score: f32, gate: f32, head: u32, key: u32, query: u32) -> f32 { return score; }

fn biased_keys(scores: vec4f, gate: f32, head: u32, first_key: u32, query: u32) -> vec4f { return scores; }

fn biased_block(scores: mat4x4f, gates: vec4f, head: u32, first_key: u32, first_query: u32) -> mat4x4f { return scores; }
