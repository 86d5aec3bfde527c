// The attention weights themselves, for output_attentions: softmax over keys, [item][head][query][key], padding
// keys 0. One workgroup a query row: scores are written, then normalised in place.
// Layouts: attention_common.wgsl. Grid (queries, heads, items).

@group(0) @binding(3) var<storage, read_write> weights: array<f32>;

var<workgroup> partial: array<f32, THREAD_COUNT>;

fn workgroup_max(thread: u32, value: f32) -> f32 {
  partial[thread] = value;
  for (var half = THREAD_COUNT / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { partial[thread] = max(partial[thread], partial[thread + half]); }
  }
  workgroupBarrier();
  return partial[0];
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let query = workgroup.x;
  let head = workgroup.y;
  let item = workgroup.z;
  let keys = keys_of(item);
  let q_start = head_start(item, query, 0u, head);
  let out_start = ((item * params.head_count + head) * params.frame_count + query) * params.frame_count;

  var largest = LOWEST;
  for (var key = thread; key < keys.count; key += THREAD_COUNT) {
    let k_start = head_start(item, key, 1u, head);
    var score = 0.0;
    for (var quad = 0u; quad < HEAD4; quad++) { score += dot(qkv[q_start + quad], qkv[k_start + quad]); }
    score *= keys.scale;
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
