// Requires: params, multiply_tile, finish_rows, TILE_ROWS, OWNS_ROWS, TILE_COLUMNS, THREAD_COUNT
// Provides: main
//
// The entry of the GEMM families whose threads are numbered by the workgroup: one tile of out, or all tiles of its rows where
// OWNS_ROWS (gemm_norm.wgsl). Grid (columns, rows, batches), one wide where rows are owned.

@compute @workgroup_size(THREAD_COUNT)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_row = tile.y * TILE_ROWS;
  if (OWNS_ROWS) {
    for (var column = 0u; column < params.column_count; column += TILE_COLUMNS) {
      multiply_tile(tile.z, first_row, column, thread);
    }
    finish_rows(tile.z, first_row, thread);
  } else {
    multiply_tile(tile.z, first_row, tile.x * TILE_COLUMNS, thread);
  }
}
