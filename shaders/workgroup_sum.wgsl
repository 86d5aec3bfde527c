// Sums over a workgroup of THREAD_COUNT threads (a power of two), SUM_WIDTH numbers at once.
// Every thread must call it, in uniform control flow; every thread gets the sums.

var<workgroup> partial_sums: array<f32, THREAD_COUNT * SUM_WIDTH>;

fn workgroup_sums(thread: u32, values: array<f32, SUM_WIDTH>) -> array<f32, SUM_WIDTH> {
  for (var i = 0u; i < SUM_WIDTH; i++) { partial_sums[i * THREAD_COUNT + thread] = values[i]; }
  for (var half = THREAD_COUNT / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) {
      for (var i = 0u; i < SUM_WIDTH; i++) {
        partial_sums[i * THREAD_COUNT + thread] += partial_sums[i * THREAD_COUNT + thread + half];
      }
    }
  }
  workgroupBarrier();
  var sums: array<f32, SUM_WIDTH>;
  for (var i = 0u; i < SUM_WIDTH; i++) { sums[i] = partial_sums[i * THREAD_COUNT]; }
  // The memory is free for the next call only once everybody has read it.
  workgroupBarrier();
  return sums;
}
