// Requires: SUM_WIDTH, THREAD_COUNT
// Provides: workgroup_sums, PART_COUNT
//
// Sums over a workgroup of THREAD_COUNT threads (a multiple of 8), SUM_WIDTH numbers at once, in two steps: 8
// partial sums, then their sum. A tree would need a barrier per level, and barriers are expensive to compile and to run on
// software adapters. Every thread must call it, in uniform control flow; every thread gets the sums.

const PART_COUNT: u32 = 8u;

var<workgroup> thread_values: array<f32, THREAD_COUNT * SUM_WIDTH>;
var<workgroup> part_sums: array<f32, PART_COUNT * SUM_WIDTH>;

fn workgroup_sums(thread: u32, values: array<f32, SUM_WIDTH>) -> array<f32, SUM_WIDTH> {
  for (var i = 0u; i < SUM_WIDTH; i++) { thread_values[i * THREAD_COUNT + thread] = values[i]; }
  workgroupBarrier();
  for (var slot = thread; slot < PART_COUNT * SUM_WIDTH; slot += THREAD_COUNT) {
    let first = (slot / PART_COUNT) * THREAD_COUNT + slot % PART_COUNT;
    var sum = 0.0;
    for (var i = 0u; i < THREAD_COUNT; i += PART_COUNT) { sum += thread_values[first + i]; }
    part_sums[slot] = sum;
  }
  workgroupBarrier();
  // The next call writes part_sums only after its first barrier, so no barrier is needed after these reads.
  var sums: array<f32, SUM_WIDTH>;
  for (var i = 0u; i < SUM_WIDTH; i++) {
    var sum = 0.0;
    for (var part = 0u; part < PART_COUNT; part++) { sum += part_sums[i * PART_COUNT + part]; }
    sums[i] = sum;
  }
  return sums;
}
