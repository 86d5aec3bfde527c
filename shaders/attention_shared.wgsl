// Flash-style attention, workgroup-memory family: online softmax, f32 throughout, O(frames) memory, any length.
//
// A workgroup owns QUERY_ROWS queries of one head and walks the keys KEY_ROWS at a time. For each block it stages
// k, then v, in the same workgroup memory:
//   scores   thread = (query, key) pairs
//   softmax  thread = query: a running maximum and sum
//   output   thread = (query, head quad) pairs, sums kept in registers
//
// Layouts: attention_common.wgsl. Grid (query blocks, heads, items).

@group(0) @binding(3) var<storage, read_write> out: array<vec4f>; // [item][frame][head]

const OUTPUTS: u32 = QUERY_ROWS * HEAD4;
const OUTPUTS_A_THREAD: u32 = (OUTPUTS + THREAD_COUNT - 1u) / THREAD_COUNT;
// One vec4 of padding, so that threads on neighbouring keys read different banks.
const ROW_STRIDE4: u32 = HEAD4 + 1u;

var<workgroup> q_tile: array<vec4f, QUERY_ROWS * HEAD4>;
var<workgroup> kv_tile: array<vec4f, KEY_ROWS * ROW_STRIDE4>;
var<workgroup> weights: array<f32, QUERY_ROWS * KEY_ROWS>;
var<workgroup> largest: array<f32, QUERY_ROWS>;
var<workgroup> total: array<f32, QUERY_ROWS>;
var<workgroup> corrections: array<f32, QUERY_ROWS>;

fn stage_block(thread: u32, item: u32, head: u32, part: u32, first_key: u32) {
  for (var slot = thread; slot < KEY_ROWS * params.head_quads; slot += THREAD_COUNT) {
    let key = slot / HEAD4;
    let quad = slot % HEAD4;
    kv_tile[key * ROW_STRIDE4 + quad] = qkv[head_start(item, first_key + key, part, head) + quad];
  }
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_query = workgroup.x * QUERY_ROWS;
  let head = workgroup.y;
  let item = workgroup.z;
  let keys = keys_of(item);

  for (var slot = thread; slot < QUERY_ROWS * params.head_quads; slot += THREAD_COUNT) {
    q_tile[slot] = qkv[head_start(item, first_query + slot / HEAD4, 0u, head) + slot % HEAD4] * keys.scale;
  }
  if (thread < QUERY_ROWS) {
    largest[thread] = LOWEST;
    total[thread] = 0.0;
  }
  var sums: array<vec4f, OUTPUTS_A_THREAD>;

  for (var first_key = 0u; first_key < keys.count; first_key += KEY_ROWS) {
    stage_block(thread, item, head, 1u, first_key);
    workgroupBarrier();
    let block_keys = min(KEY_ROWS, keys.count - first_key);

    for (var slot = thread; slot < QUERY_ROWS * KEY_ROWS; slot += THREAD_COUNT) {
      let query = slot / KEY_ROWS;
      let key = slot % KEY_ROWS;
      var score = 0.0;
      for (var quad = 0u; quad < params.head_quads; quad++) {
        score += dot(q_tile[query * HEAD4 + quad], kv_tile[key * ROW_STRIDE4 + quad]);
      }
      weights[slot] = score;
    }
    workgroupBarrier();

    stage_block(thread, item, head, 2u, first_key);
    if (thread < QUERY_ROWS) {
      var block_largest = largest[thread];
      for (var key = 0u; key < block_keys; key++) { block_largest = max(block_largest, weights[thread * KEY_ROWS + key]); }
      let correction = exp(largest[thread] - block_largest);
      var sum = total[thread] * correction;
      for (var key = 0u; key < block_keys; key++) {
        let slot = thread * KEY_ROWS + key;
        let weight = exp(weights[slot] - block_largest);
        weights[slot] = weight;
        sum += weight;
      }
      largest[thread] = block_largest;
      total[thread] = sum;
      corrections[thread] = correction;
    }
    workgroupBarrier();

    for (var i = 0u; i < OUTPUTS_A_THREAD; i++) {
      let slot = i * THREAD_COUNT + thread;
      if (slot < OUTPUTS) {
        let query = slot / HEAD4;
        var sum = sums[i] * corrections[query];
        for (var key = 0u; key < block_keys; key++) {
          sum = fma(vec4f(weights[query * KEY_ROWS + key]), kv_tile[key * ROW_STRIDE4 + slot % HEAD4], sum);
        }
        sums[i] = sum;
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < OUTPUTS_A_THREAD; i++) {
    let slot = i * THREAD_COUNT + thread;
    let query = first_query + slot / HEAD4;
    if (slot < OUTPUTS && query < params.frame_count) {
      let row = item * params.frame_count + query;
      out[(row * params.head_count + head) * HEAD4 + slot % HEAD4] = sums[i] / total[slot / HEAD4];
    }
  }
}
