// Requires: a_row_start, w_row_start, params, w_scale, w_quad, a, dot4, write_out, finish_rows, ROW_BLOCKS,
//           SUBGROUP_SIZE, COLUMN_BLOCKS, SCALE_QUADS, OWNS_ROWS
// Provides: main, TILE_ROWS, THREAD_COUNT
//
// GEMM, subgroup-broadcast family: one subgroup owns a tile and nothing is shared through memory.
//
//            COLUMN_BLOCKS * SUBGROUP_SIZE columns: a lane owns every SUBGROUP_SIZE-th
//           +-----------------------------------+
//   ROW_    |  sums[row][block], in registers   |
//   BLOCKS  |                                   |
//   * SIZE  |                                   |
//   rows    +-----------------------------------+
//
// Each step of 4 along k, a lane loads one vec4 of each of its rows of a and columns of w; the rows of a
// are then exchanged by subgroupShuffle. A tile of R x C costs (R + C) / SUBGROUP_SIZE loads for R * C * 4
// multiply-adds per step, which suits adapters with expensive loads and cheap registers (software adapters).
//
// Layouts and epilogue: gemm_common.wgsl. One workgroup is one subgroup; grid (columns, rows, batches).

const TILE_ROWS: u32 = ROW_BLOCKS * SUBGROUP_SIZE;
const TILE_COLUMNS: u32 = COLUMN_BLOCKS * SUBGROUP_SIZE;

const THREAD_COUNT: u32 = SUBGROUP_SIZE;

fn multiply_tile(z: u32, first_row: u32, first_column: u32, lane: u32) {
  var a_start: array<u32, ROW_BLOCKS>;
  for (var i = 0u; i < ROW_BLOCKS; i++) { a_start[i] = a_row_start(z, first_row + i * SUBGROUP_SIZE + lane); }
  var w_start: array<u32, COLUMN_BLOCKS>;
  for (var j = 0u; j < COLUMN_BLOCKS; j++) { w_start[j] = w_row_start(z, first_column + j * SUBGROUP_SIZE + lane); }

  // Initialised explicitly, because this runs once per tile in a loop.
  var sums = array<f32, TILE_ROWS * COLUMN_BLOCKS>();
  var w_values: array<vec4f, COLUMN_BLOCKS>;
  var scales: array<f32, COLUMN_BLOCKS>;
  for (var block = 0u; block < params.inner4; block += SCALE_QUADS) {
    for (var j = 0u; j < COLUMN_BLOCKS; j++) { scales[j] = w_scale(w_start[j] + block); }
    let block_end = min(params.inner4, block + SCALE_QUADS);
    for (var k = block; k < block_end; k++) {
      for (var j = 0u; j < COLUMN_BLOCKS; j++) { w_values[j] = w_quad(w_start[j] + k, scales[j]); }
      for (var i = 0u; i < ROW_BLOCKS; i++) {
        let a_value = a[a_start[i] + k];
        for (var source = 0u; source < SUBGROUP_SIZE; source++) {
          let x = subgroupShuffle(a_value, source);
          for (var j = 0u; j < COLUMN_BLOCKS; j++) {
            let slot = (i * SUBGROUP_SIZE + source) * COLUMN_BLOCKS + j;
            sums[slot] = dot4(x, w_values[j], sums[slot]);
          }
        }
      }
    }
  }

  for (var row = 0u; row < TILE_ROWS; row++) {
    for (var j = 0u; j < COLUMN_BLOCKS; j++) {
      write_out(z, first_row + row, first_column + j * SUBGROUP_SIZE + lane, sums[row * COLUMN_BLOCKS + j]);
    }
  }
}

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(subgroup_invocation_id) lane: u32) {
  let first_row = tile.y * TILE_ROWS;
  if (OWNS_ROWS) {
    for (var column = 0u; column < params.column_count; column += TILE_COLUMNS) {
      multiply_tile(tile.z, first_row, column, lane);
    }
    finish_rows(tile.z, first_row, lane);
  } else {
    multiply_tile(tile.z, first_row, tile.x * TILE_COLUMNS, lane);
  }
}
