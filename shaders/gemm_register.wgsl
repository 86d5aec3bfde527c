// Requires: a_row_start, w_row_start, a, w_scale, w_quad, params, write_out, GRID_COLUMNS, SCALE_QUADS, GRID_ROWS
// Provides: multiply_tile, THREAD_COUNT, TILE_ROWS, TILE_COLUMNS
//
// GEMM, register-tile family: a thread owns 16 rows x 8 columns of sums and reads a and w straight from storage.
// It uses no workgroup memory, barriers or subgroups, and works everywhere.
//
//            8 columns
//           +-----+-----+
//           | s00 | s01 |
//           | s10 | s11 |   16 rows: each block is 4 x 4, block[row][column], and one step of four k is
//           | s20 | s21 |   block += (4 columns x 4 k of w) * (4 k x 4 rows of a)
//           | s30 | s31 |
//           +-----+-----+
//
// The blocks are named variables, not an array: SwiftShader keeps an array that a loop indexes in memory and accesses it
// lane by lane. The same tile in arrays was five times slower there.
//
// A workgroup is GRID_ROWS x GRID_COLUMNS threads with neighbouring tiles. Layouts and epilogue: gemm_common.wgsl.
// Grid (columns, rows, batches).

const THREAD_ROWS: u32 = 16u;
const THREAD_COLUMNS: u32 = 8u;
const THREAD_COUNT: u32 = GRID_ROWS * GRID_COLUMNS;
const TILE_ROWS: u32 = GRID_ROWS * THREAD_ROWS;
const TILE_COLUMNS: u32 = GRID_COLUMNS * THREAD_COLUMNS;

fn a_row_starts(z: u32, row: u32) -> vec4u {
  return vec4u(a_row_start(z, row), a_row_start(z, row + 1u), a_row_start(z, row + 2u), a_row_start(z, row + 3u));
}

fn w_row_starts(z: u32, column: u32) -> vec4u {
  return vec4u(w_row_start(z, column), w_row_start(z, column + 1u), w_row_start(z, column + 2u), w_row_start(z, column + 3u));
}

// Four rows of a, each one a column of the matrix.
fn a_block(starts: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(a[starts.x + k], a[starts.y + k], a[starts.z + k], a[starts.w + k]);
}

fn w_scales(starts: vec4u, k: u32) -> vec4f {
  return vec4f(w_scale(starts.x + k), w_scale(starts.y + k), w_scale(starts.z + k), w_scale(starts.w + k));
}

// Four columns of w, each one a row of the matrix.
fn w_block(starts: vec4u, k: u32, scales: vec4f) -> mat4x4f {
  return transpose(mat4x4f(
    w_quad(starts.x + k, scales.x),
    w_quad(starts.y + k, scales.y),
    w_quad(starts.z + k, scales.z),
    w_quad(starts.w + k, scales.w)));
}

fn multiply_tile(z: u32, first_tile_row: u32, first_tile_column: u32, thread: u32) {
  let first_row = first_tile_row + thread / GRID_COLUMNS * THREAD_ROWS;
  let first_column = first_tile_column + thread % GRID_COLUMNS * THREAD_COLUMNS;

  let a0_starts = a_row_starts(z, first_row);
  let a1_starts = a_row_starts(z, first_row + 4u);
  let a2_starts = a_row_starts(z, first_row + 8u);
  let a3_starts = a_row_starts(z, first_row + 12u);
  let w0_starts = w_row_starts(z, first_column);
  let w1_starts = w_row_starts(z, first_column + 4u);

  var s00 = mat4x4f();
  var s01 = mat4x4f();
  var s10 = mat4x4f();
  var s11 = mat4x4f();
  var s20 = mat4x4f();
  var s21 = mat4x4f();
  var s30 = mat4x4f();
  var s31 = mat4x4f();
  for (var block = 0u; block < params.inner4; block += SCALE_QUADS) {
    let w0_scales = w_scales(w0_starts, block);
    let w1_scales = w_scales(w1_starts, block);
    let block_end = min(params.inner4, block + SCALE_QUADS);
    for (var k = block; k < block_end; k++) {
      let w0 = w_block(w0_starts, k, w0_scales);
      let w1 = w_block(w1_starts, k, w1_scales);
      let a0 = a_block(a0_starts, k);
      s00 += w0 * a0;
      s01 += w1 * a0;
      let a1 = a_block(a1_starts, k);
      s10 += w0 * a1;
      s11 += w1 * a1;
      let a2 = a_block(a2_starts, k);
      s20 += w0 * a2;
      s21 += w1 * a2;
      let a3 = a_block(a3_starts, k);
      s30 += w0 * a3;
      s31 += w1 * a3;
    }
  }

  // The epilogue is in a loop: unrolled, it would be compiled 128 times.
  var sums = array(s00, s01, s10, s11, s20, s21, s30, s31);
  for (var row = 0u; row < THREAD_ROWS; row++) {
    for (var column = 0u; column < THREAD_COLUMNS; column++) {
      write_out(z, first_row + row, first_column + column, sums[row / 4u * 2u + column / 4u][row % 4u][column % 4u]);
    }
  }
}
