// Requires: params, key_counts, BIAS_REACH4
// Provides: gate_of, biased, biased_keys, biased_block
//
// Scores of attention with a gated bias of the relative position:
//
//   score += gate[query][head] * bias[head][key - query]
//
//                    -reach                0                reach          a head's biases, four distances in a vec4.
//   ... | far before | ... . . . . . . | . . . . . . ... | far after |     Beyond BIAS_REACH4 vec4s on either side all
//                                                                          distances have the bias of the last one.
//
// So no tensor of queries by keys exists. A block of four queries and four keys has seven distances: two vec4s, because
// its first query and its first key are multiples of 4.

@group(0) @binding(4) var<storage, read> gates: array<f32>; // [item][frame][head], rows rounded up to 4
@group(0) @binding(5) var<storage, read> biases: array<vec4f>; // [head][distance]

const BIAS_QUADS: u32 = 2u * BIAS_REACH4 + 2u;
const LAST_PLACE: i32 = 4 * i32(BIAS_QUADS) - 1;
const FIRST_DISTANCE: i32 = -4 * i32(BIAS_REACH4) - 4;

// In a row without any key all frames weigh the same, so they have no bias.
fn gate_of(item: u32, query: u32, head: u32) -> f32 {
  let row = item * params.frame_count + min(query, params.frame_count - 1u);
  return select(0.0, gates[row * ((params.head_count + 3u) / 4u * 4u) + head], key_counts[item] > 0u);
}

// Place of a distance among those of a head. Places of whole vec4s stay whole.
fn bias_place(distance: i32, last: i32) -> u32 {
  return u32(clamp(distance - FIRST_DISTANCE, 0, last));
}

fn bias_at(head: u32, distance: i32) -> f32 {
  let place = bias_place(distance, LAST_PLACE);
  return biases[head * BIAS_QUADS + place / 4u][place % 4u];
}

// Biases of a distance that is a multiple of 4, and of the three after it.
fn bias_quad(head: u32, distance: i32) -> vec4f {
  return biases[head * BIAS_QUADS + bias_place(distance, LAST_PLACE - 3) / 4u];
}

fn biased(score: f32, gate: f32, head: u32, key: u32, query: u32) -> f32 {
  return score + gate * bias_at(head, i32(key) - i32(query));
}

// Scores of a query for four keys.
fn biased_keys(scores: vec4f, gate: f32, head: u32, first_key: u32, query: u32) -> vec4f {
  let distance = i32(first_key) - i32(query);
  return scores + gate * vec4f(
    bias_at(head, distance), bias_at(head, distance + 1), bias_at(head, distance + 2), bias_at(head, distance + 3));
}

// [key][query]: scores of four queries for four keys. The first of both are multiples of 4.
fn biased_block(scores: mat4x4f, query_gates: vec4f, head: u32, first_key: u32, first_query: u32) -> mat4x4f {
  let distance = i32(first_key) - i32(first_query);
  let a = bias_quad(head, distance - 4);
  let b = bias_quad(head, distance);
  return scores + mat4x4f(
    query_gates * vec4f(b.x, a.w, a.z, a.y),
    query_gates * vec4f(b.y, b.x, a.w, a.z),
    query_gates * vec4f(b.z, b.y, b.x, a.w),
    query_gates * vec4f(b.w, b.z, b.y, b.x));
}
