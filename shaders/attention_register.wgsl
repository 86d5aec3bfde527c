// Requires: head_start, qkv, params, keys_of, gate_of, biased_block, LOWEST, THREAD_COUNT, SUM_QUADS, HEAD4
// Provides: main
//
// Flash-style attention, register family: online softmax, f32 throughout, O(frames) memory, any length and head size.
// It uses no workgroup memory, barriers or subgroups. It works everywhere, and is the fastest family on software adapters.
//
//                8 keys                    head
//             +----+----+            +----+----+----+-     a thread owns 4 queries; each block is 4 x 4:
//   4 queries | s0 | s1 |    then    |    | sums    |        s0, s1       [key][query]
//             +----+----+            +----+----+----+-       sums[quad]   [query][element of the head]
//
// The running maximum, sum and correction of the queries are therefore one vec4 each, and a step of both products is a product
// of matrices in registers. Values that every step uses are named variables, not arrays: SwiftShader keeps an array that a loop
// indexes in memory and accesses it lane by lane. The sums are an array nevertheless, because they are updated only once per
// eight keys. As sixteen variables they took as long to run there (44 ms for 249 frames of 12 heads of 64), and 0.9 s instead of
// 0.2 s to compile.
//
// A thread keeps the sums of SUM_QUADS quads. Of a larger head it owns a part, and computes all of its scores.
// Bounds of loops over quads are known only at run time: with constant bounds lavapipe compiled for 20 s.
//
// Layouts: attention_common.wgsl. Grid (query blocks, heads * head parts, items).

@group(0) @binding(3) var<storage, read_write> out: array<vec4f>; // [item][frame][head]

const THREAD_QUERIES: u32 = 4u;
const KEY_ROWS: u32 = 8u;
const HEAD_PARTS: u32 = (HEAD4 + SUM_QUADS - 1u) / SUM_QUADS;

// Starts of a head's vectors of four frames. Frames after `last` repeat it.
fn head_starts(item: u32, frame: u32, last: u32, part: u32, head: u32) -> vec4u {
  let frames = min(vec4u(frame, frame + 1u, frame + 2u, frame + 3u), vec4u(last));
  return vec4u(
    head_start(item, frames.x, part, head),
    head_start(item, frames.y, part, head),
    head_start(item, frames.z, part, head),
    head_start(item, frames.w, part, head));
}

// A quad of four frames, one frame per column.
fn block(starts: vec4u, quad: u32) -> mat4x4f {
  return mat4x4f(qkv[starts.x + quad], qkv[starts.y + quad], qkv[starts.z + quad], qkv[starts.w + quad]);
}

// Keys past the end get the lowest score, so that their weight is 0.
fn masked(scores: mat4x4f, key: u32, key_count: u32) -> mat4x4f {
  return mat4x4f(
    select(vec4f(LOWEST), scores[0], key < key_count),
    select(vec4f(LOWEST), scores[1], key + 1u < key_count),
    select(vec4f(LOWEST), scores[2], key + 2u < key_count),
    select(vec4f(LOWEST), scores[3], key + 3u < key_count));
}

fn largest_of(scores: mat4x4f) -> vec4f {
  return max(max(scores[0], scores[1]), max(scores[2], scores[3]));
}

fn weights_of(scores: mat4x4f, largest: vec4f) -> mat4x4f {
  return mat4x4f(
    exp(scores[0] - largest), exp(scores[1] - largest), exp(scores[2] - largest), exp(scores[3] - largest));
}

fn sum_of(weights: mat4x4f) -> vec4f {
  return (weights[0] + weights[1]) + (weights[2] + weights[3]);
}

fn scaled(columns: mat4x4f, factors: vec4f) -> mat4x4f {
  return mat4x4f(columns[0] * factors.x, columns[1] * factors.y, columns[2] * factors.z, columns[3] * factors.w);
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_query = (workgroup.x * THREAD_COUNT + thread) * THREAD_QUERIES;
  let head = workgroup.y / HEAD_PARTS;
  let first_quad = workgroup.y % HEAD_PARTS * SUM_QUADS;
  let quad_count = select(params.head_quads, min(SUM_QUADS, params.head_quads - first_quad), HEAD_PARTS > 1u);
  let item = workgroup.z;
  let keys = keys_of(item);
  let q_starts = head_starts(item, first_query, params.frame_count - 1u, 0u, head);
  let query_gates = vec4f(
    gate_of(item, first_query, head),
    gate_of(item, first_query + 1u, head),
    gate_of(item, first_query + 2u, head),
    gate_of(item, first_query + 3u, head));

  var largest = vec4f(LOWEST);
  var total = vec4f();
  var sums: array<mat4x4f, SUM_QUADS>;
  for (var first_key = 0u; first_key < keys.count; first_key += KEY_ROWS) {
    let k0_starts = head_starts(item, first_key, keys.count - 1u, 1u, head);
    let k1_starts = head_starts(item, first_key + 4u, keys.count - 1u, 1u, head);
    var s0 = mat4x4f();
    var s1 = mat4x4f();
    for (var quad = 0u; quad < params.head_quads; quad++) {
      let q = transpose(block(q_starts, quad));
      s0 += q * block(k0_starts, quad);
      s1 += q * block(k1_starts, quad);
    }
    s0 = biased_block(s0 * keys.scale, query_gates, head, first_key, first_query);
    s1 = biased_block(s1 * keys.scale, query_gates, head, first_key + 4u, first_query);
    s0 = masked(s0, first_key, keys.count);
    s1 = masked(s1, first_key + 4u, keys.count);

    let block_largest = max(largest, max(largest_of(s0), largest_of(s1)));
    let correction = exp(largest - block_largest);
    let weights0 = weights_of(s0, block_largest);
    let weights1 = weights_of(s1, block_largest);
    largest = block_largest;
    total = total * correction + (sum_of(weights0) + sum_of(weights1));

    // From a key to its value.
    let offset = params.head_count * HEAD4 + first_quad;
    let p0 = transpose(weights0);
    let p1 = transpose(weights1);
    for (var quad = 0u; quad < quad_count; quad++) {
      sums[quad] = scaled(sums[quad], correction) + block(k0_starts, offset + quad) * p0 + block(k1_starts, offset + quad) * p1;
    }
  }

  for (var quad = 0u; quad < quad_count; quad++) {
    var rows = scaled(sums[quad], 1.0 / total);
    for (var i = 0u; i < min(THREAD_QUERIES, max(params.frame_count, first_query) - first_query); i++) {
      let row = item * params.frame_count + first_query + i;
      out[(row * params.head_count + head) * HEAD4 + first_quad + quad] = rows[i];
    }
  }
}
