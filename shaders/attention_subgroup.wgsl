// Flash-style attention, subgroup family: online softmax, f32 throughout, O(frames) memory, any length.
//
// One subgroup owns QUERY_ROWS queries of one head and walks the keys SUBGROUP_SIZE at a time:
//   scores   lane = key.      q travels by shuffle, every lane dots it with its own key
//   softmax  across lanes by subgroupMax and subgroupAdd, a running maximum and sum a query
//   output   lane = head quad. The weights travel by shuffle, every lane scales its own quads of v
// So k and v are read once for QUERY_ROWS queries and never staged in workgroup memory.
//
// Layouts: attention_common.wgsl. Grid (query blocks, heads, items); one workgroup is one subgroup.

@group(0) @binding(3) var<storage, read_write> out: array<vec4f>; // [item][frame][head]

const LANE_QUADS: u32 = (HEAD4 + SUBGROUP_SIZE - 1u) / SUBGROUP_SIZE;

@compute @workgroup_size(SUBGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first_query = workgroup.x * QUERY_ROWS;
  let head = workgroup.y;
  let item = workgroup.z;
  let keys = keys_of(item);

  // Lane l holds the quads l, l + SUBGROUP_SIZE, ... of each query.
  var q: array<vec4f, QUERY_ROWS * LANE_QUADS>;
  for (var r = 0u; r < QUERY_ROWS; r++) {
    for (var i = 0u; i < LANE_QUADS; i++) {
      let quad = min(i * SUBGROUP_SIZE + lane, HEAD4 - 1u);
      q[r * LANE_QUADS + i] = qkv[head_start(item, first_query + r, 0u, head) + quad] * keys.scale;
    }
  }

  var weights: array<f32, QUERY_ROWS>;
  var largest: array<f32, QUERY_ROWS>;
  var total: array<f32, QUERY_ROWS>;
  var sums: array<vec4f, QUERY_ROWS * LANE_QUADS>;
  for (var r = 0u; r < QUERY_ROWS; r++) { largest[r] = LOWEST; }

  for (var first_key = 0u; first_key < keys.count; first_key += SUBGROUP_SIZE) {
    let key_start = head_start(item, first_key + lane, 1u, head);
    var scores = array<f32, QUERY_ROWS>();
    for (var i = 0u; i < LANE_QUADS; i++) {
      for (var source = 0u; source < SUBGROUP_SIZE; source++) {
        if (i * SUBGROUP_SIZE + source < HEAD4) {
          let key_quad = qkv[key_start + i * SUBGROUP_SIZE + source];
          for (var r = 0u; r < QUERY_ROWS; r++) {
            scores[r] += dot(subgroupShuffle(q[r * LANE_QUADS + i], source), key_quad);
          }
        }
      }
    }

    for (var r = 0u; r < QUERY_ROWS; r++) {
      let score = select(LOWEST, scores[r], first_key + lane < keys.count);
      let new_largest = max(largest[r], subgroupMax(score));
      let correction = exp(largest[r] - new_largest);
      weights[r] = select(0.0, exp(score - new_largest), first_key + lane < keys.count);
      total[r] = total[r] * correction + subgroupAdd(weights[r]);
      for (var i = 0u; i < LANE_QUADS; i++) { sums[r * LANE_QUADS + i] *= correction; }
      largest[r] = new_largest;
    }

    for (var source = 0u; source < SUBGROUP_SIZE; source++) {
      let value_start = head_start(item, first_key + source, 2u, head);
      for (var i = 0u; i < LANE_QUADS; i++) {
        let value = qkv[value_start + min(i * SUBGROUP_SIZE + lane, HEAD4 - 1u)];
        for (var r = 0u; r < QUERY_ROWS; r++) {
          let slot = r * LANE_QUADS + i;
          sums[slot] = fma(vec4f(subgroupShuffle(weights[r], source)), value, sums[slot]);
        }
      }
    }
  }

  for (var r = 0u; r < QUERY_ROWS; r++) {
    let query = first_query + r;
    for (var i = 0u; i < LANE_QUADS; i++) {
      let quad = i * SUBGROUP_SIZE + lane;
      if (query < params.frame_count && quad < HEAD4) {
        let row = item * params.frame_count + query;
        out[(row * params.head_count + head) * HEAD4 + quad] = sums[r * LANE_QUADS + i] / total[r];
      }
    }
  }
}
