// Requires: keys_of, head_start, params, qkv, gate_of, biased, workgroup_sums, PART_COUNT, LOWEST, THREAD_COUNT
// Provides: main
//
// The attention weights themselves, for output_attentions: softmax over keys, [item][head][query][key], padding
// keys 0. One workgroup per query row: scores are written, then normalised in place.
// Layouts: attention_common.wgsl. Grid (queries, heads, items).

@group(0) @binding(3) var<storage, read_write> weights: array<f32>;

var<workgroup> thread_largest: array<f32, THREAD_COUNT>;
var<workgroup> part_largest: array<f32, PART_COUNT>;

// The largest value of the workgroup's threads, in two steps as in workgroup_sum.wgsl.
fn workgroup_max(thread: u32, value: f32) -> f32 {
  thread_largest[thread] = value;
  workgroupBarrier();
  if (thread < PART_COUNT) {
    var largest = LOWEST;
    for (var i = thread; i < THREAD_COUNT; i += PART_COUNT) { largest = max(largest, thread_largest[i]); }
    part_largest[thread] = largest;
  }
  workgroupBarrier();
  var largest = LOWEST;
  for (var part = 0u; part < PART_COUNT; part++) { largest = max(largest, part_largest[part]); }
  return largest;
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let query = workgroup.x;
  let head = workgroup.y;
  let item = workgroup.z;
  let keys = keys_of(item);
  let q_start = head_start(item, query, 0u, head);
  let gate = gate_of(item, query, head);
  let out_start = ((item * params.head_count + head) * params.frame_count + query) * params.frame_count;

  var largest = LOWEST;
  for (var key = thread; key < keys.count; key += THREAD_COUNT) {
    let k_start = head_start(item, key, 1u, head);
    var score = 0.0;
    for (var quad = 0u; quad < params.head_quads; quad++) { score += dot(qkv[q_start + quad], qkv[k_start + quad]); }
    score = biased(score * keys.scale, gate, head, key, query);
    weights[out_start + key] = score;
    largest = max(largest, score);
  }
  largest = workgroup_max(thread, largest);

  var sum = 0.0;
  for (var key = thread; key < keys.count; key += THREAD_COUNT) {
    let weight = exp(weights[out_start + key] - largest);
    weights[out_start + key] = weight;
    sum += weight;
  }
  sum = workgroup_sums(thread, array<f32, 1>(sum))[0];

  for (var key = thread; key < params.frame_count; key += THREAD_COUNT) {
    weights[out_start + key] = select(0.0, weights[out_start + key] / sum, key < keys.count);
  }
}
