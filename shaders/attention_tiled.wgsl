// Requires: params, qkv, head_start, keys_of, gate_of, biased_keys, HEAD4, GRID, QUERY_ROWS, LOWEST
// Provides: main
//
// Flash-style attention, register-tile family for real GPUs: online softmax, f32 throughout, O(frames) memory, any length.
//
//              KEY_ROWS                      head
//          +-------------+            +-----------------+    a workgroup owns QUERY_ROWS queries of one head; its
//          |  . scores . |            |  .  output  .   |    threads form a grid of GRID x GRID. Thread (y, x)
//   QUERY_ |  . thread . |    then    |  .  thread  .   |    owns the queries y + i * GRID in both products: scores
//    ROWS  |  .  tile  . |            |  .   tile   .   |    of the keys 4 x to 4 x + 3, and the output quads
//          +-------------+            +-----------------+    x + j * GRID. So a query's running maximum, sum and
//                                                            correction stay in the registers of its GRID threads.
//
// A block of keys and then a block of values use the same workgroup memory. Each thread sums the weights that it
// computed itself. The GRID parts of a query's sum are added once, at the end.
//
// Preconditions: QUERY_ROWS is a multiple of GRID. Loops over head and keys are bounded at run time, because unrolled
// loops take long to compile. Loops over a thread's own tile must be unrolled, because registers cannot be indexed.
// Layouts: attention_common.wgsl. Grid (query blocks, heads, items).

@group(0) @binding(3) var<storage, read_write> out: array<vec4f>; // [item][frame][head]

const THREAD_COUNT: u32 = GRID * GRID;
const KEY_ROWS: u32 = 4u * GRID;
const QUERIES: u32 = QUERY_ROWS / GRID;
const QUADS: u32 = (HEAD4 + GRID - 1u) / GRID;
// Whole quads for every thread, and one vec4 of padding, so that threads on neighbouring rows read different banks.
const ROW_STRIDE4: u32 = QUADS * GRID + 1u;
const WEIGHT_STRIDE4: u32 = GRID + 1u;

var<workgroup> q_tile: array<vec4f, QUERY_ROWS * ROW_STRIDE4>;
// Row (key % 4) * GRID + key / 4: so the keys that the threads of a row read at once lie in neighbouring rows.
var<workgroup> kv_tile: array<vec4f, KEY_ROWS * ROW_STRIDE4>;
var<workgroup> weights: array<vec4f, QUERY_ROWS * WEIGHT_STRIDE4>; // [query][key]
var<workgroup> parts: array<f32, QUERY_ROWS * GRID>; // [query][x]

// Keys past the end repeat the last one that may be attended, so padding is never read.
fn stage_block(thread: u32, item: u32, head: u32, part: u32, first_key: u32, key_count: u32) {
  for (var slot = thread; slot < KEY_ROWS * params.head_quads; slot += THREAD_COUNT) {
    let row = slot / HEAD4;
    let quad = slot % HEAD4;
    let key = min(first_key + (row % GRID) * 4u + row / GRID, key_count - 1u);
    kv_tile[row * ROW_STRIDE4 + quad] = qkv[head_start(item, key, part, head) + quad];
  }
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_query = workgroup.x * QUERY_ROWS;
  let head = workgroup.y;
  let item = workgroup.z;
  let y = thread / GRID;
  let x = thread % GRID;
  let keys = keys_of(item);

  for (var slot = thread; slot < QUERY_ROWS * params.head_quads; slot += THREAD_COUNT) {
    let query = slot / HEAD4;
    let quad = slot % HEAD4;
    q_tile[query * ROW_STRIDE4 + quad] = qkv[head_start(item, first_query + query, 0u, head) + quad] * keys.scale;
  }
  var largest: array<f32, QUERIES>;
  var total: array<f32, QUERIES>;
  var sums: array<vec4f, QUERIES * QUADS>;
  var query_gates: array<f32, QUERIES>;
  for (var i = 0u; i < QUERIES; i++) {
    largest[i] = LOWEST;
    query_gates[i] = gate_of(item, first_query + y + i * GRID, head);
  }

  for (var first_key = 0u; first_key < keys.count; first_key += KEY_ROWS) {
    stage_block(thread, item, head, 1u, first_key, keys.count);
    workgroupBarrier();

    var scores = array<vec4f, QUERIES>();
    for (var quad = 0u; quad < params.head_quads; quad++) {
      let q_slot = y * ROW_STRIDE4 + quad;
      let k_slot = x * ROW_STRIDE4 + quad;
      let k = transpose(mat4x4f(
        kv_tile[k_slot],
        kv_tile[k_slot + GRID * ROW_STRIDE4],
        kv_tile[k_slot + 2u * GRID * ROW_STRIDE4],
        kv_tile[k_slot + 3u * GRID * ROW_STRIDE4],
      ));
      for (var i = 0u; i < QUERIES; i++) {
        let q = q_tile[q_slot + i * GRID * ROW_STRIDE4];
        scores[i] = fma(vec4f(q.x), k[0], scores[i]);
        scores[i] = fma(vec4f(q.y), k[1], scores[i]);
        scores[i] = fma(vec4f(q.z), k[2], scores[i]);
        scores[i] = fma(vec4f(q.w), k[3], scores[i]);
      }
    }
    let key = first_key + 4u * x;
    let is_key = vec4u(key) + vec4u(0u, 1u, 2u, 3u) < vec4u(keys.count);
    for (var i = 0u; i < QUERIES; i++) {
      scores[i] = biased_keys(scores[i], query_gates[i], head, key, first_query + y + i * GRID);
      scores[i] = select(vec4f(LOWEST), scores[i], is_key);
      parts[(y + i * GRID) * GRID + x] = max(max(scores[i].x, scores[i].y), max(scores[i].z, scores[i].w));
    }
    workgroupBarrier();

    stage_block(thread, item, head, 2u, first_key, keys.count);
    for (var i = 0u; i < QUERIES; i++) {
      let query = y + i * GRID;
      var block_largest = largest[i];
      for (var part = 0u; part < GRID; part++) { block_largest = max(block_largest, parts[query * GRID + part]); }
      let correction = exp(largest[i] - block_largest);
      let weight = exp(scores[i] - block_largest);
      largest[i] = block_largest;
      total[i] = fma(total[i], correction, (weight.x + weight.y) + (weight.z + weight.w));
      weights[query * WEIGHT_STRIDE4 + x] = weight;
      for (var j = 0u; j < QUADS; j++) { sums[i * QUADS + j] *= correction; }
    }
    workgroupBarrier();

    for (var key4 = 0u; key4 < min(GRID, (keys.count - first_key + 3u) / 4u); key4++) {
      let weight_slot = y * WEIGHT_STRIDE4 + key4;
      var weight = array<vec4f, QUERIES>();
      for (var i = 0u; i < QUERIES; i++) { weight[i] = weights[weight_slot + i * GRID * WEIGHT_STRIDE4]; }
      for (var j = 0u; j < QUADS; j++) {
        let v_slot = key4 * ROW_STRIDE4 + x + j * GRID;
        let v0 = kv_tile[v_slot];
        let v1 = kv_tile[v_slot + GRID * ROW_STRIDE4];
        let v2 = kv_tile[v_slot + 2u * GRID * ROW_STRIDE4];
        let v3 = kv_tile[v_slot + 3u * GRID * ROW_STRIDE4];
        for (var i = 0u; i < QUERIES; i++) {
          let slot = i * QUADS + j;
          sums[slot] = fma(vec4f(weight[i].x), v0, sums[slot]);
          sums[slot] = fma(vec4f(weight[i].y), v1, sums[slot]);
          sums[slot] = fma(vec4f(weight[i].z), v2, sums[slot]);
          sums[slot] = fma(vec4f(weight[i].w), v3, sums[slot]);
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < QUERIES; i++) { parts[(y + i * GRID) * GRID + x] = total[i]; }
  workgroupBarrier();
  for (var i = 0u; i < QUERIES; i++) {
    let query = first_query + y + i * GRID;
    if (query < params.frame_count) {
      var sum = 0.0;
      for (var part = 0u; part < GRID; part++) { sum += parts[(y + i * GRID) * GRID + part]; }
      let row = item * params.frame_count + query;
      for (var j = 0u; j < QUADS; j++) {
        let quad = x + j * GRID;
        if (quad < HEAD4) { out[(row * params.head_count + head) * HEAD4 + quad] = sums[i * QUADS + j] / sum; }
      }
    }
  }
}
