// Flash-style attention, subgroup family: online softmax, f32 throughout, O(frames) memory, any length.
//
// One subgroup owns QUERY_ROWS = ROW_BLOCKS * SUBGROUP_SIZE queries of one head and walks the keys KEY_ROWS at a time.
// The lanes change their role three times a block:
//   scores   lane = key.       Queries travel by shuffle, every lane dots them with its own key
//   softmax  lane = query.     The block's scores pass through workgroup memory, transposed; a running maximum and sum
//   output   lane = head quad. Weights travel by shuffle, every lane scales its own quads of v
// Loops over quads and keys are bounded at run time: unrolled, this shader takes seconds to compile on some adapters.
//
// Layouts: attention_common.wgsl. Grid (query blocks, heads, items); one workgroup is one subgroup.

@group(0) @binding(3) var<storage, read_write> out: array<vec4f>; // [item][frame][head]

const QUERY_ROWS: u32 = ROW_BLOCKS * SUBGROUP_SIZE;
const KEY_ROWS: u32 = KEY_BLOCKS * SUBGROUP_SIZE;
const LANE_QUADS: u32 = (HEAD4 + SUBGROUP_SIZE - 1u) / SUBGROUP_SIZE;

// Scores of the block, then its weights: [query][key].
var<workgroup> weights: array<f32, QUERY_ROWS * KEY_ROWS>;

@compute @workgroup_size(SUBGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first_query = workgroup.x * QUERY_ROWS;
  let head = workgroup.y;
  let item = workgroup.z;
  let keys = keys_of(item);

  var q_start: array<u32, ROW_BLOCKS>;
  var largest: array<f32, ROW_BLOCKS>;
  var total: array<f32, ROW_BLOCKS>;
  var corrections: array<f32, ROW_BLOCKS>;
  var sums: array<vec4f, QUERY_ROWS * LANE_QUADS>;
  for (var i = 0u; i < ROW_BLOCKS; i++) {
    q_start[i] = head_start(item, first_query + i * SUBGROUP_SIZE + lane, 0u, head);
    largest[i] = LOWEST;
  }

  for (var first_key = 0u; first_key < keys.count; first_key += KEY_ROWS) {
    let block_keys = min(KEY_ROWS, keys.count - first_key);

    // The previous block's weights have been read by every lane.
    workgroupBarrier();
    for (var block = 0u; block < block_keys; block += SUBGROUP_SIZE) {
      let block_key = block + lane;
      let key_start = head_start(item, first_key + block_key, 1u, head);
      var scores = array<f32, QUERY_ROWS>();
      for (var quad = 0u; quad < params.head_quads; quad++) {
        let key_quad = qkv[key_start + quad];
        for (var i = 0u; i < ROW_BLOCKS; i++) {
          let q_quad = qkv[q_start[i] + quad];
          for (var source = 0u; source < SUBGROUP_SIZE; source++) {
            scores[i * SUBGROUP_SIZE + source] += dot(subgroupShuffle(q_quad, source), key_quad);
          }
        }
      }
      for (var row = 0u; row < QUERY_ROWS; row++) { weights[row * KEY_ROWS + block_key] = scores[row] * keys.scale; }
    }
    workgroupBarrier();

    for (var i = 0u; i < ROW_BLOCKS; i++) {
      let row_start = (i * SUBGROUP_SIZE + lane) * KEY_ROWS;
      var new_largest = largest[i];
      for (var key = 0u; key < block_keys; key++) { new_largest = max(new_largest, weights[row_start + key]); }
      corrections[i] = exp(largest[i] - new_largest);
      var sum = total[i] * corrections[i];
      for (var key = 0u; key < block_keys; key++) {
        let weight = exp(weights[row_start + key] - new_largest);
        weights[row_start + key] = weight;
        sum += weight;
      }
      largest[i] = new_largest;
      total[i] = sum;
    }

    for (var i = 0u; i < ROW_BLOCKS; i++) {
      for (var source = 0u; source < SUBGROUP_SIZE; source++) {
        let correction = subgroupShuffle(corrections[i], source);
        for (var j = 0u; j < LANE_QUADS; j++) { sums[(i * SUBGROUP_SIZE + source) * LANE_QUADS + j] *= correction; }
      }
    }
    for (var key = 0u; key < block_keys; key++) {
      let value_start = head_start(item, first_key + key, 2u, head);
      for (var j = 0u; j < LANE_QUADS; j++) {
        let value = qkv[value_start + min(j * SUBGROUP_SIZE + lane, HEAD4 - 1u)];
        for (var i = 0u; i < ROW_BLOCKS; i++) {
          // A lane wrote the rows that it now reads, so no barrier lies between.
          let weight = weights[(i * SUBGROUP_SIZE + lane) * KEY_ROWS + key];
          for (var source = 0u; source < SUBGROUP_SIZE; source++) {
            let slot = (i * SUBGROUP_SIZE + source) * LANE_QUADS + j;
            sums[slot] = fma(vec4f(subgroupShuffle(weight, source)), value, sums[slot]);
          }
        }
      }
    }
  }

  for (var i = 0u; i < ROW_BLOCKS; i++) {
    for (var source = 0u; source < SUBGROUP_SIZE; source++) {
      let row = i * SUBGROUP_SIZE + source;
      let row_total = subgroupShuffle(total[i], source);
      for (var j = 0u; j < LANE_QUADS; j++) {
        let quad = j * SUBGROUP_SIZE + lane;
        if (first_query + row < params.frame_count && quad < HEAD4) {
          let frame = item * params.frame_count + first_query + row;
          out[(frame * params.head_count + head) * HEAD4 + quad] = sums[row * LANE_QUADS + j] / row_total;
        }
      }
    }
  }
}
