// Requires: HEAD4
// Provides: keys_of, head_start, params, qkv, key_counts, LOWEST
//
// Shared by the attention kernels: uniforms, bindings and the key-padding rule.
//
//   out[item][query][head] = sum over keys of softmax_keys( scale * q . k ) * v
//
// qkv   [item][frame][ q heads | k heads | v heads ], a head being HEAD4 vec4s (head size padded with zeros)
// key_counts  number of frames that may be attended, per item; later keys are padding. A count of 0 means a row
//       without any key. All frames then weigh the same, as in the reference, where every score is the same
//       lowest number.

struct Params {
  frame_count: u32,
  head_count: u32,
  scale: f32,
  head_quads: u32, // HEAD4 again, for loops that compilers must not unroll: their code would be large and slow to compile
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<vec4f>;
@group(0) @binding(2) var<storage, read> key_counts: array<u32>;

const LOWEST: f32 = -3.4028234e38;

struct Keys { count: u32, scale: f32 }

fn keys_of(item: u32) -> Keys {
  let count = min(key_counts[item], params.frame_count);
  if (count == 0u) { return Keys(params.frame_count, 0.0); }
  return Keys(count, params.scale);
}

// Start of a head's vector in qkv; part 0 is q, 1 is k, 2 is v. Frames past the end repeat the last one.
fn head_start(item: u32, frame: u32, part: u32, head: u32) -> u32 {
  let row = item * params.frame_count + min(frame, params.frame_count - 1u);
  return ((row * 3u + part) * params.head_count + head) * HEAD4;
}
