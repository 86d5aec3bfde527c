// Requires: nothing
// Provides: residual_at, finish_rows, out, OWNS_ROWS
//
// The usual last part of a GEMM: a workgroup owns one tile, and nothing follows its write-out. The other last part is gemm_norm.wgsl.

@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

const OWNS_ROWS: bool = false;

fn residual_at(index: u32) -> f32 { return residual[index]; }

fn finish_rows(item: u32, first_row: u32, thread: u32) {}
