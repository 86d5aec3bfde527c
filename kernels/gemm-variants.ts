/** The tile shapes of the GEMM, their names, the ones that each adapter can run, and the static choice. */
import { isNarrow, type GpuCapabilities } from '../src/gpu/capabilities.ts';
import mainSource from '../shaders/gemm_main.wgsl';
import registerSource from '../shaders/gemm_register.wgsl';
import sharedSource from '../shaders/gemm_shared.wgsl';
import subgroupSource from '../shaders/gemm_subgroup.wgsl';

/** Every family computes the same result. Tests force each variant. */
export interface GemmVariant {
  readonly family: keyof typeof FAMILY_SOURCES;
  /** For example `gemm_16x32_subgroup8`. */
  readonly name: string;
  /** Rows and columns of out that a workgroup owns. */
  readonly rows: number;
  readonly columns: number;
  /** The shader's constants. */
  readonly constants: Readonly<Record<string, number>>;
}

/** The shader files of each family, without the shared ones. */
export const FAMILY_SOURCES = {
  subgroup: [subgroupSource],
  shared: [sharedSource, mainSource],
  register: [registerSource, mainSource],
};

/** The tile of a workgroup, the tile of a thread, and the length of a step along the sum. */
interface SharedTile {
  readonly rows: number;
  readonly columns: number;
  readonly threadRows: number;
  readonly threadColumns: number;
  readonly inner: number;
}

const LARGE: SharedTile = { rows: 64, columns: 64, threadRows: 8, threadColumns: 8, inner: 16 };
/** For the 48 columns of one group of the positional convolution. */
const NARROW: SharedTile = { rows: 64, columns: 48, threadRows: 8, threadColumns: 6, inner: 16 };
const SMALL: SharedTile = { rows: 32, columns: 32, threadRows: 4, threadColumns: 4, inner: 16 };
/** Few rows and many columns, for workgroups that own whole rows. It fits the workgroup memory that every adapter has. */
const WHOLE_ROWS: SharedTile = { rows: 32, columns: 256, threadRows: 8, threadColumns: 8, inner: 8 };

const shared = ({ rows, columns, threadRows, threadColumns, inner }: SharedTile): GemmVariant => ({
  family: 'shared',
  name: `gemm_${rows}x${columns}x${inner}_shared`,
  rows,
  columns,
  constants: {
    TILE_ROWS: rows,
    TILE_COLUMNS: columns,
    TILE_INNER4: inner / 4,
    THREAD_ROWS: threadRows,
    THREAD_COLUMNS: threadColumns,
  },
});

/** Threads per workgroup. */
interface RegisterGrid {
  readonly gridRows: number;
  readonly gridColumns: number;
}

const MANY_THREADS: RegisterGrid = { gridRows: 4, gridColumns: 8 };
/** Threads per workgroup: one subgroup of the adapters that use this family. */
const FOUR_THREADS: RegisterGrid = { gridRows: 1, gridColumns: 4 };

/** A thread's tile has 16 rows and 8 columns, as in the shader. */
function register({ gridRows, gridColumns }: RegisterGrid): GemmVariant {
  const rows = 16 * gridRows;
  const columns = 8 * gridColumns;
  return {
    family: 'register',
    name: `gemm_${rows}x${columns}_register`,
    rows,
    columns,
    constants: { GRID_ROWS: gridRows, GRID_COLUMNS: gridColumns },
  };
}

function subgroup(size: number, columnBlocks: number): GemmVariant {
  const rowBlocks = Math.max(1, 16 / size);
  const rows = rowBlocks * size;
  const columns = columnBlocks * size;
  return {
    family: 'subgroup',
    name: `gemm_${rows}x${columns}_subgroup${size}`,
    rows,
    columns,
    constants: { SUBGROUP_SIZE: size, ROW_BLOCKS: rowBlocks, COLUMN_BLOCKS: columnBlocks },
  };
}

/** How many of these tiles fill a GPU. */
const FILLING_TILE_COUNT = 64;

/** Every variant that this adapter can run, best guess first. */
export function gemmVariants({ subgroupSize }: GpuCapabilities): readonly GemmVariant[] {
  const portable = [
    shared(LARGE),
    shared(NARROW),
    shared(SMALL),
    register(MANY_THREADS),
    register(FOUR_THREADS),
  ];
  if (subgroupSize === undefined || subgroupSize > 32) return portable;
  if (subgroupSize > 8) return [...portable, subgroup(subgroupSize, 2)];
  const subgroups = [subgroup(subgroupSize, 4), subgroup(subgroupSize, 3)];
  return subgroupSize > 4 ? [...subgroups, ...portable] : [...portable, ...subgroups];
}

/** The variants for workgroups that own whole rows of out, best guess first. Every adapter can run the last one. */
export function rowVariants({ subgroupSize }: GpuCapabilities): readonly GemmVariant[] {
  if (!isNarrow(subgroupSize)) return [shared(WHOLE_ROWS), register(FOUR_THREADS)];
  if (subgroupSize <= 4) return [register(FOUR_THREADS), shared(WHOLE_ROWS)];
  return [subgroup(subgroupSize, 4), shared(WHOLE_ROWS), register(FOUR_THREADS)];
}

/** The sizes that the choice depends on. */
export interface GemmSize {
  readonly rows: number;
  readonly columns: number;
  /** Items × groups. */
  readonly batches: number;
}

/** Columns that tiles of this width compute in vain. */
const waste = (columns: number, tileColumns: number): number =>
  Math.ceil(columns / tileColumns) * tileColumns - columns;

/** The number of 64 x 64 tiles of a product. */
const tileCount = ({ rows, columns, batches }: GemmSize): number =>
  Math.ceil(rows / 64) * Math.ceil(columns / 64) * batches;

/**
 * The size class: the properties that the fastest variant depends on, in coarse steps. These are how far the tiles fill a device
 * (powers of 4), which tile widths waste the fewest columns, and whether so few rows exist that high tiles stay half empty. For
 * example `64+ tiles 48|32`.
 */
export function sizeClassOf(size: GemmSize): string {
  const { rows, columns } = size;
  const fill = 4 ** Math.min(5, Math.floor(Math.log2(tileCount(size)) / 2));
  const width = waste(columns, 48) < waste(columns, 64) ? 48 : 64;
  const narrowWidth = waste(columns, 24) < waste(columns, 32) ? 24 : 32;
  return `${fill}+ tiles ${width}|${narrowWidth}${rows > 32 ? '' : ' flat'}`;
}

/**
 * The static choice among the variants that `isTrusted` allows. The last resort is the variant that needs the least of an adapter.
 * With narrow subgroups loads are expensive. With eight lanes (lavapipe) the subgroup family wins, in the tile width that
 * wastes the fewest columns. With four lanes the register family wins (on SwiftShader it is five times as fast as any other).
 * On GPUs a large tile is used if its tiles fill the device.
 */
export function chooseGemmVariant(
  size: GemmSize,
  capabilities: GpuCapabilities,
  isTrusted: (variant: GemmVariant) => boolean = () => true,
): GemmVariant {
  return preferences(size, capabilities).find(isTrusted) ?? register(MANY_THREADS);
}

function preferences(size: GemmSize, { subgroupSize }: GpuCapabilities): readonly GemmVariant[] {
  const { columns } = size;
  const fills = tileCount(size) >= FILLING_TILE_COUNT;
  const large = waste(columns, 48) < waste(columns, 64) ? shared(NARROW) : shared(LARGE);
  const onGpu = fills ? [large, shared(SMALL)] : [shared(SMALL)];
  if (!isNarrow(subgroupSize)) return onGpu;
  if (subgroupSize <= 4) return [register(FOUR_THREADS), ...onGpu];
  const blocks = waste(columns, 3 * subgroupSize) < waste(columns, 4 * subgroupSize) ? 3 : 4;
  return [subgroup(subgroupSize, blocks), ...onGpu];
}
