// Requires: out, activate, residual_at
// Provides: a_row_start, w_row_start, dot4, out_row_start, write_out, params, a
//
// Shared by every GEMM family: uniforms, bindings and the epilogue. gemm_finish.wgsl or gemm_norm.wgsl completes it.
//
//   out[z][m][n] = residual[z][m][n] + activate( bias[n] + sum over k of a[z][m][k] * w[group(z)][n][k] )
//
// z counts batch items times groups; group(z) = z mod group_count.
// a   rows of inner4 vec4s, a_row_stride4 apart: rows may overlap, which makes a strided convolution
//     over [time, channel] a plain product (row t starts at sample t * stride)
// w   [group][column][k], k contiguous, rows w_row_stride4 quads apart; read through weights_FORMAT.wgsl
// out row-major, any stride; residual has the layout of out
//
// Preconditions: row_count, column_count, inner4 >= 1. Columns after column_count exist only in the
// last group. They are out's channel padding and written as 0.

struct Params {
  row_count: u32,
  column_count: u32,
  last_group_column_count: u32,
  inner4: u32,
  group_count: u32,
  a_row_stride4: u32,
  a_batch_stride4: u32,
  w_row_stride4: u32,
  w_scales_start: u32,
  out_offset: u32,
  out_row_stride: u32,
  out_item_stride: u32,
  out_group_stride: u32,
  has_bias: u32,
  has_activation: u32,
  has_residual: u32,
  // Of gemm_norm.wgsl.
  norm_channel_count: u32,
  norm_epsilon: f32,
  has_second_norm: u32,
  second_norm_epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;

// Start of row `row` of a for batch z, in vec4s; rows past the end repeat the last one.
fn a_row_start(z: u32, row: u32) -> u32 {
  return z * params.a_batch_stride4 + min(row, params.row_count - 1u) * params.a_row_stride4;
}

// Start of the weights of `column`, in quads; columns past the end repeat the last one.
fn w_row_start(z: u32, column: u32) -> u32 {
  let group = z % params.group_count;
  return (group * params.column_count + min(column, params.column_count - 1u)) * params.w_row_stride4;
}

fn dot4(x: vec4f, y: vec4f, sum: f32) -> f32 {
  return fma(x.w, y.w, fma(x.z, y.z, fma(x.y, y.y, fma(x.x, y.x, sum))));
}

// Start of row `row` of out in item `item`, in the first group.
fn out_row_start(item: u32, row: u32) -> u32 {
  return params.out_offset + item * params.out_item_stride + row * params.out_row_stride;
}

fn write_out(z: u32, row: u32, column: u32, sum: f32) {
  let group = z % params.group_count;
  let column_limit = select(params.column_count, params.last_group_column_count, group == params.group_count - 1u);
  if (row >= params.row_count || column >= column_limit) { return; }
  let index = out_row_start(z / params.group_count, row) + group * params.out_group_stride + column;
  if (column >= params.column_count) {
    out[index] = 0.0;
    return;
  }
  var value = sum;
  if (params.has_bias != 0u) { value += bias[group * params.column_count + column]; }
  if (params.has_activation != 0u) { value = activate(value); }
  if (params.has_residual != 0u) { value += residual_at(index); }
  out[index] = value;
}
