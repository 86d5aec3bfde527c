// Requires: without_padding, activate2, in_row, out, THREAD_COUNT
// Provides: write_row
//
// Writes a row of a thread's four channels for the first convolution's kernels: activated, from `slot` on.

fn write_row(slot: u32, channels: vec4u, values: vec4f) {
  let stored = without_padding(channels, vec4f(activate2(values.xy), activate2(values.zw)));
  let is_stored = in_row(channels);
  if (is_stored.x) { out[slot] = stored.x; }
  if (is_stored.y) { out[slot + THREAD_COUNT] = stored.y; }
  if (is_stored.z) { out[slot + 2u * THREAD_COUNT] = stored.z; }
  if (is_stored.w) { out[slot + 3u * THREAD_COUNT] = stored.w; }
}
