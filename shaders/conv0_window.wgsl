// The first convolution: one input channel, KERNEL taps, stride STRIDE, no padding. Inner size 10 is too small for a
// GEMM. All channels need the same audio, so a workgroup stages that of GROUP_ROWS outputs in workgroup memory; a thread
// owns a pair of channels, keeps their taps in registers, and computes four rows of them at a time. Larger blocks would be
// faster still on GPUs, but slow to compile on software adapters.
//
//   span    |--- staged: GROUP_ROWS rows, STEP samples apart ---|
//           |-- window of rows 0..3 --|
//                     |-- window of rows 4..7 --|     begins STEP vec4s later
//
// audio  [item][sample], rows audio_stride apart; samples past the end repeat the last one (they are never stored)
// w      [channel][KERNEL], bias [channel]; channels past the end repeat the last one (they are stored as 0)
//
// Preconditions: GROUP_ROWS is a multiple of 4.

// Samples between two strides that no tap meets are left out of the span.
const STEP: u32 = min(STRIDE, KERNEL);
const WINDOW4: u32 = (3u * STEP + KERNEL + 3u) / 4u;
// As many as a row in memory has, whose last pair may be padding.
const PAIR_COUNT: u32 = (CHANNEL_COUNT + 3u) / 4u * 2u;
const SPAN4: u32 = (GROUP_ROWS / 4u - 1u) * STEP + WINDOW4;

var<workgroup> span: array<vec4f, SPAN4>;

// A constant near the audio's mean, for each item: the median of three samples. Group norm over time removes any
// constant, so it may count samples from here; else an offset of the recording would use up the digits of f32.
fn audio_origin(item: u32, sample_count: u32, audio_stride: u32) -> f32 {
  let start = item * audio_stride;
  let quarter = sample_count / 4u;
  let x = audio[start + quarter];
  let y = audio[start + 2u * quarter];
  let z = audio[start + 3u * quarter];
  return max(min(x, y), min(max(x, y), z));
}

// The audio of GROUP_ROWS rows from first_sample on, less origin. A barrier must follow.
fn stage_span(thread: u32, item: u32, first_sample: u32, sample_count: u32, audio_stride: u32, origin: f32) {
  for (var i = thread; i < SPAN4; i += THREAD_COUNT) {
    let place = vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u);
    let offset = (place / STEP) * STRIDE + place % STEP;
    let sample = vec4u(item * audio_stride) + min(vec4u(first_sample) + offset, vec4u(sample_count - 1u));
    span[i] = vec4f(audio[sample.x], audio[sample.y], audio[sample.z], audio[sample.w]) - origin;
  }
}

// The channels of a pair that lies within PAIR_COUNT.
fn channels_of(pair: u32) -> vec2u {
  let channels = vec2u(2u * pair, 2u * pair + 1u);
  if (CHANNEL_COUNT % 4u == 0u) { return channels; }
  return min(channels, vec2u(CHANNEL_COUNT - 1u));
}

// What is stored of the values of a pair: nothing but 0 past the last channel.
fn without_padding(pair: u32, values: vec2f) -> vec2f {
  if (CHANNEL_COUNT % 4u == 0u) { return values; }
  return select(vec2f(), values, vec2u(2u * pair, 2u * pair + 1u) < vec2u(CHANNEL_COUNT));
}

fn load_taps(channels: vec2u) -> array<vec2f, KERNEL> {
  var taps: array<vec2f, KERNEL>;
  let start = channels * KERNEL;
  for (var k = 0u; k < KERNEL; k++) { taps[k] = vec2f(w[start.x + k], w[start.y + k]); }
  return taps;
}

// Adds to `start` the four rows of block `block` of the span. Loops here must be unrolled, since registers have no index.
fn convolve(block: u32, taps: ptr<function, array<vec2f, KERNEL>>, start: vec2f) -> array<vec2f, 4> {
  var window: array<vec4f, WINDOW4>;
  // The bound lets compilers put the offsets into their load instructions.
  let start4 = min(block, GROUP_ROWS / 4u - 1u) * STEP;
  for (var i = 0u; i < WINDOW4; i++) { window[i] = span[start4 + i]; }
  var rows = array<vec2f, 4>(start, start, start, start);
  for (var k = 0u; k < KERNEL; k++) {
    for (var row = 0u; row < 4u; row++) {
      let place = row * STEP + k;
      rows[row] = fma(vec2f(window[place / 4u][place % 4u]), (*taps)[k], rows[row]);
    }
  }
  return rows;
}
