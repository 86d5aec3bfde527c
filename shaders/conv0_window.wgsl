// Requires: audio, w, THREAD_COUNT, KERNEL, STRIDE, CHANNEL_COUNT, GROUP_ROWS
// Provides: audio_origin, stage_span, channels_from, bounded, without_padding, in_row, load_taps, convolve, span,
//           ROW_LENGTH, BLOCK_CHANNELS
//
// The first convolution: one input channel, KERNEL taps, stride STRIDE, no padding. Inner size 10 is too small for a
// GEMM. All channels need the same audio, so a workgroup stages that of GROUP_ROWS outputs in workgroup memory; a thread
// owns four channels, keeps their taps in registers, and computes four rows of them at a time:
//
//                 channels c, c + THREAD_COUNT, ... of the thread
//                +-----------------+
//        rows    |   a column of   |    for each tap: sums += (four channels of the tap) x (four rows of audio)
//        0..3    |  sums is a row  |
//                +-----------------+
//
// Neighbouring threads own neighbouring channels, because SwiftShader reads and writes neighbours together. No array here is
// indexed by a loop, because SwiftShader keeps such an array in memory and accesses it lane by lane.
//
// span   [block of four rows][tap]: the samples of the four rows at that tap
// audio  [item][sample], rows audio_stride apart; samples past the end repeat the last one (they are never stored)
// w      [channel][KERNEL], bias [channel]; channels past the end repeat the last one (they are stored as 0)
//
// Preconditions: GROUP_ROWS is a multiple of 4.

// Channels of a row in memory, including padding.
const ROW_LENGTH: u32 = (CHANNEL_COUNT + 3u) / 4u * 4u;
const BLOCK_CHANNELS: u32 = 4u * THREAD_COUNT;
const SPAN4: u32 = GROUP_ROWS / 4u * KERNEL;
// Taps that a thread keeps. Those of longer kernels are read again for every block.
const KEPT_TAPS: u32 = 10u;

var<workgroup> span: array<vec4f, SPAN4>;

// A constant near the audio's mean, per item: the median of three samples. Group norm over time removes any
// constant, so it may be subtracted first; otherwise an offset of the recording would use up the digits of f32.
fn audio_origin(item: u32, sample_count: u32, audio_stride: u32) -> f32 {
  let start = item * audio_stride;
  let quarter = sample_count / 4u;
  let x = audio[start + quarter];
  let y = audio[start + 2u * quarter];
  let z = audio[start + 3u * quarter];
  return max(min(x, y), min(max(x, y), z));
}

// Stages the audio of GROUP_ROWS rows from first_sample on, minus origin. A barrier must follow.
fn stage_span(thread: u32, item: u32, first_sample: u32, sample_count: u32, audio_stride: u32, origin: f32) {
  for (var i = thread; i < SPAN4; i += THREAD_COUNT) {
    let place = first_sample + i / KERNEL * (4u * STRIDE) + i % KERNEL;
    let offsets = min(vec4u(place, place + STRIDE, place + 2u * STRIDE, place + 3u * STRIDE), vec4u(sample_count - 1u));
    let sample = vec4u(item * audio_stride) + offsets;
    span[i] = vec4f(audio[sample.x], audio[sample.y], audio[sample.z], audio[sample.w]) - origin;
  }
}

// The channels of a thread, those past the end too.
fn channels_from(first: u32) -> vec4u {
  return vec4u(first, first + THREAD_COUNT, first + 2u * THREAD_COUNT, first + 3u * THREAD_COUNT);
}

// The channels to read at.
fn bounded(channels: vec4u) -> vec4u {
  if (CHANNEL_COUNT % BLOCK_CHANNELS == 0u) { return channels; }
  return min(channels, vec4u(CHANNEL_COUNT - 1u));
}

// The values to store: 0 after the last channel.
fn without_padding(channels: vec4u, values: vec4f) -> vec4f {
  if (CHANNEL_COUNT % BLOCK_CHANNELS == 0u) { return values; }
  return select(vec4f(), values, channels < vec4u(CHANNEL_COUNT));
}

// Whether a column of four channels is in memory at all.
fn in_row(channels: vec4u) -> vec4<bool> {
  if (ROW_LENGTH % BLOCK_CHANNELS == 0u) { return vec4<bool>(true); }
  return channels < vec4u(ROW_LENGTH);
}

fn tap(channels: vec4u, k: u32) -> vec4f {
  let places = bounded(channels) * KERNEL + min(k, KERNEL - 1u);
  return vec4f(w[places.x], w[places.y], w[places.z], w[places.w]);
}

struct Taps { t0: vec4f, t1: vec4f, t2: vec4f, t3: vec4f, t4: vec4f, t5: vec4f, t6: vec4f, t7: vec4f, t8: vec4f, t9: vec4f }

fn load_taps(channels: vec4u) -> Taps {
  return Taps(
    tap(channels, 0u), tap(channels, 1u), tap(channels, 2u), tap(channels, 3u), tap(channels, 4u),
    tap(channels, 5u), tap(channels, 6u), tap(channels, 7u), tap(channels, 8u), tap(channels, 9u));
}

fn add_tap(sums: mat4x4f, tap: vec4f, rows: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(rows.x), tap, sums[0]),
    fma(vec4f(rows.y), tap, sums[1]),
    fma(vec4f(rows.z), tap, sums[2]),
    fma(vec4f(rows.w), tap, sums[3]));
}

// The four rows of block `block` of the span, a column each, counted from -start.
fn convolve(block: u32, channels: vec4u, taps: Taps, start: vec4f) -> mat4x4f {
  // The bound lets compilers put the offsets into their load instructions.
  let first = min(block, GROUP_ROWS / 4u - 1u) * KERNEL;
  var sums = add_tap(mat4x4f(start, start, start, start), taps.t0, span[first]);
  if (KERNEL > 1u) { sums = add_tap(sums, taps.t1, span[first + 1u]); }
  if (KERNEL > 2u) { sums = add_tap(sums, taps.t2, span[first + 2u]); }
  if (KERNEL > 3u) { sums = add_tap(sums, taps.t3, span[first + 3u]); }
  if (KERNEL > 4u) { sums = add_tap(sums, taps.t4, span[first + 4u]); }
  if (KERNEL > 5u) { sums = add_tap(sums, taps.t5, span[first + 5u]); }
  if (KERNEL > 6u) { sums = add_tap(sums, taps.t6, span[first + 6u]); }
  if (KERNEL > 7u) { sums = add_tap(sums, taps.t7, span[first + 7u]); }
  if (KERNEL > 8u) { sums = add_tap(sums, taps.t8, span[first + 8u]); }
  if (KERNEL > 9u) { sums = add_tap(sums, taps.t9, span[first + 9u]); }
  for (var k = KEPT_TAPS; k < KERNEL; k++) { sums = add_tap(sums, tap(channels, k), span[first + k]); }
  return sums;
}
