// GEMM, register-tile family: every thread owns a tile of THREAD_ROWS x THREAD_COLUMNS sums and reads its rows
// of a and w straight from storage. No workgroup memory, no barriers, no subgroups: the twin that works
// everywhere, and the quickest where the caches serve neighbouring threads well.
//
// A workgroup is GRID_ROWS x GRID_COLUMNS threads; thread (y, x) owns the rows y + i * GRID_ROWS and the columns
// x + j * GRID_COLUMNS of the workgroup's tile. Layouts and epilogue: gemm_common.wgsl. Grid (columns, rows, batches).

const TILE_ROWS: u32 = GRID_ROWS * THREAD_ROWS;
const TILE_COLUMNS: u32 = GRID_COLUMNS * THREAD_COLUMNS;

@compute @workgroup_size(GRID_COLUMNS, GRID_ROWS)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) thread: vec3u) {
  let z = tile.z;
  let first_row = tile.y * TILE_ROWS + thread.y;
  let first_column = tile.x * TILE_COLUMNS + thread.x;

  var a_start: array<u32, THREAD_ROWS>;
  for (var i = 0u; i < THREAD_ROWS; i++) { a_start[i] = a_row_start(z, first_row + i * GRID_ROWS); }
  var w_start: array<u32, THREAD_COLUMNS>;
  for (var j = 0u; j < THREAD_COLUMNS; j++) { w_start[j] = w_row_start(z, first_column + j * GRID_COLUMNS); }

  var sums: array<f32, THREAD_ROWS * THREAD_COLUMNS>;
  var w_values: array<vec4f, THREAD_COLUMNS>;
  for (var k = 0u; k < params.inner4; k++) {
    for (var j = 0u; j < THREAD_COLUMNS; j++) { w_values[j] = w[w_start[j] + k]; }
    for (var i = 0u; i < THREAD_ROWS; i++) {
      let x = a[a_start[i] + k];
      for (var j = 0u; j < THREAD_COLUMNS; j++) {
        sums[i * THREAD_COLUMNS + j] = dot4(x, w_values[j], sums[i * THREAD_COLUMNS + j]);
      }
    }
  }

  for (var i = 0u; i < THREAD_ROWS; i++) {
    for (var j = 0u; j < THREAD_COLUMNS; j++) {
      write_out(z, first_row + i * GRID_ROWS, first_column + j * GRID_COLUMNS, sums[i * THREAD_COLUMNS + j]);
    }
  }
}
