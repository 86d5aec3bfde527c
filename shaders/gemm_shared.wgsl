// Requires: params, a, a_row_start, w_row_start, w_quad, w_scale, dot4, write_out, THREAD_ROWS, THREAD_COLUMNS,
//           TILE_INNER4, TILE_ROWS, TILE_COLUMNS
// Provides: multiply_tile, THREAD_COUNT
//
// GEMM, workgroup-memory family: the classic tile for real GPUs.
//
//                 TILE_COLUMNS
//            +-----------------+      a workgroup owns the tile; its threads form a grid of
//            |  . . . . . . .  |      GRID_ROWS x GRID_COLUMNS, each with THREAD_ROWS x THREAD_COLUMNS
//  TILE_ROWS |  . thread tile  |      sums in registers, interleaved: thread (y, x) owns the rows
//            |  . . . . . . .  |      y + i * GRID_ROWS and the columns x + j * GRID_COLUMNS
//            +-----------------+
//
// Each step copies TILE_ROWS x TILE_INNER4 vec4s of a and TILE_COLUMNS x TILE_INNER4 of w into workgroup
// memory, w as float32 whatever its format. Both stay k-contiguous, so the copy is vec4 to vec4 and a thread multiplies four k at a time. Rows
// are one vec4 longer than the tile, so that neighbouring rows fall into different banks.
//
// Layouts and epilogue: gemm_common.wgsl. Grid (columns, rows, batches).

const GRID_ROWS: u32 = TILE_ROWS / THREAD_ROWS;
const GRID_COLUMNS: u32 = TILE_COLUMNS / THREAD_COLUMNS;
const THREAD_COUNT: u32 = GRID_ROWS * GRID_COLUMNS;
const ROW_STRIDE4: u32 = TILE_INNER4 + 1u;

var<workgroup> a_tile: array<vec4f, TILE_ROWS * ROW_STRIDE4>;
var<workgroup> w_tile: array<vec4f, TILE_COLUMNS * ROW_STRIDE4>;

fn multiply_tile(z: u32, first_row: u32, first_column: u32, thread: u32) {
  let thread_row = thread / GRID_COLUMNS;
  let thread_column = thread % GRID_COLUMNS;

  // Initialised explicitly, because this runs once per tile in a loop.
  var sums = array<f32, THREAD_ROWS * THREAD_COLUMNS>();
  var a_values: array<vec4f, THREAD_ROWS>;
  var w_values: array<vec4f, THREAD_COLUMNS>;
  for (var k = 0u; k < params.inner4; k += TILE_INNER4) {
    for (var slot = thread; slot < TILE_ROWS * TILE_INNER4; slot += THREAD_COUNT) {
      let row = slot / TILE_INNER4;
      let inner = slot % TILE_INNER4;
      var value = vec4f();
      if (k + inner < params.inner4) { value = a[a_row_start(z, first_row + row) + k + inner]; }
      a_tile[row * ROW_STRIDE4 + inner] = value;
    }
    for (var slot = thread; slot < TILE_COLUMNS * TILE_INNER4; slot += THREAD_COUNT) {
      let column = slot / TILE_INNER4;
      let inner = slot % TILE_INNER4;
      var value = vec4f();
      if (k + inner < params.inner4) {
        let start = w_row_start(z, first_column + column);
        value = w_quad(start + k + inner, w_scale(start + k));
      }
      w_tile[column * ROW_STRIDE4 + inner] = value;
    }
    workgroupBarrier();

    // Bounded at run time: unrolled, the loop would need more address arithmetic than it saves.
    let inner_count = min(TILE_INNER4, params.inner4 - k);
    var inner = 0u;
    loop {
      for (var i = 0u; i < THREAD_ROWS; i++) {
        a_values[i] = a_tile[(thread_row + i * GRID_ROWS) * ROW_STRIDE4 + inner];
      }
      for (var j = 0u; j < THREAD_COLUMNS; j++) {
        w_values[j] = w_tile[(thread_column + j * GRID_COLUMNS) * ROW_STRIDE4 + inner];
      }
      for (var i = 0u; i < THREAD_ROWS; i++) {
        for (var j = 0u; j < THREAD_COLUMNS; j++) {
          sums[i * THREAD_COLUMNS + j] = dot4(a_values[i], w_values[j], sums[i * THREAD_COLUMNS + j]);
        }
      }
      inner++;
      if (inner == inner_count) { break; }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < THREAD_ROWS; i++) {
    for (var j = 0u; j < THREAD_COLUMNS; j++) {
      write_out(z, first_row + thread_row + i * GRID_ROWS, first_column + thread_column + j * GRID_COLUMNS,
        sums[i * THREAD_COLUMNS + j]);
    }
  }
}
