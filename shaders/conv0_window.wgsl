// The first convolution: one input channel, KERNEL taps, stride STRIDE, no padding. Inner size 10 is too small
// for a GEMM, so a thread owns one output channel, keeps its taps and a window of audio in registers, and computes
// TIME_BLOCK outputs:
//
//   audio   |--- WINDOW = (TIME_BLOCK - 1) * STRIDE + KERNEL samples ---|
//   output      t0      t0+1     ...     t0+TIME_BLOCK-1                     for every channel
//
// audio  [item][sample], rows audio_stride apart; windows past the end repeat the last sample (never stored)
// w      [channel][KERNEL], bias [channel]

const WINDOW: u32 = (TIME_BLOCK - 1u) * STRIDE + KERNEL;

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

// WINDOW samples from first_sample on, less origin.
fn load_window(item: u32, first_sample: u32, sample_count: u32, audio_stride: u32, origin: f32) -> array<f32, WINDOW> {
  var window: array<f32, WINDOW>;
  for (var i = 0u; i < WINDOW; i++) {
    window[i] = audio[item * audio_stride + min(first_sample + i, sample_count - 1u)] - origin;
  }
  return window;
}

fn convolve(channel: u32, window: array<f32, WINDOW>) -> array<f32, TIME_BLOCK> {
  var samples = window;
  var outputs: array<f32, TIME_BLOCK>;
  var start = 0.0;
  if (HAS_BIAS) { start = bias[channel]; }
  for (var t = 0u; t < TIME_BLOCK; t++) { outputs[t] = start; }
  for (var k = 0u; k < KERNEL; k++) {
    let tap = w[channel * KERNEL + k];
    for (var t = 0u; t < TIME_BLOCK; t++) { outputs[t] = fma(tap, samples[t * STRIDE + k], outputs[t]); }
  }
  return outputs;
}
