/**
 * What the RADV driver prints of a compiled shader (`RADV_DEBUG=shaders,shaderstats`): its own statistics, and the machine
 * code, of which the hottest loop is looked at.
 */

/** Instructions of one loop, inner loops included. */
export interface LoopStatistics {
  /** Multiply-adds: one for each of a packed or dual-issued pair. */
  readonly multiplyAdds: number;
  readonly instructions: number;
  /** Vector arithmetic. */
  readonly vector: number;
  readonly scalar: number;
  /** Loads and stores of workgroup memory. */
  readonly workgroupMemory: number;
  /** Loads and stores of buffers, and spills. */
  readonly memory: number;
}

export interface IsaStatistics {
  readonly vgprs: number;
  readonly spilledVgprs: number;
  readonly ldsByteLength: number;
  readonly wavesPerSimd: number;
  readonly instructions: number;
  /** The driver's estimate, in cycles. */
  readonly inverseThroughput: number;
  /** The loop with the largest share of multiply-adds; undefined where the code has no loop with any. */
  readonly hottestLoop: LoopStatistics | undefined;
  /** Of the whole shader, for kernels that are straight code. */
  readonly whole: LoopStatistics;
}

/** Reads the driver's output for one shader. @throws Error where it holds no statistics. */
export function parseShader(output: string): IsaStatistics {
  const fields = new Map(
    [...output.matchAll(/^([A-Za-z][\w -]*?): +(\d+)$/gm)].map(([, name = '', value]) => [
      name,
      Number(value),
    ]),
  );
  const field = (name: string): number => {
    const value = fields.get(name);
    if (value === undefined) throw new Error(`the driver printed no "${name}"`);
    return value;
  };
  const blocks = basicBlocks(output);
  return {
    vgprs: field('VGPRs'),
    spilledVgprs: field('Spilled VGPRs'),
    ldsByteLength: field('LDS size'),
    wavesPerSimd: field('Subgroups per SIMD'),
    instructions: field('Instructions'),
    inverseThroughput: field('Inverse Throughput'),
    hottestLoop: hottestLoop(blocks),
    whole: count(blocks.flatMap(({ instructions }) => instructions)),
  };
}

interface BasicBlock {
  readonly label: string;
  readonly instructions: readonly string[];
}

/** The last listing before the statistics is the machine code; listings before it are the compiler's own forms. */
function basicBlocks(output: string): readonly BasicBlock[] {
  const [listings = ''] = output.split('*** SHADER STATS');
  const listing = listings.slice(Math.max(0, listings.lastIndexOf('disasm:')));
  const blocks: { label: string; instructions: string[] }[] = [];
  for (const line of listing.split('\n')) {
    const label = /^(BB\d+):/.exec(line)?.[1];
    if (label !== undefined) blocks.push({ label, instructions: [] });
    else if (/^\s*[a-z]+_/.test(line)) blocks.at(-1)?.instructions.push(line.trim());
  }
  return blocks;
}

/** Every backward branch closes a loop over the blocks between its target and itself. */
function hottestLoop(blocks: readonly BasicBlock[]): LoopStatistics | undefined {
  const positions = new Map(blocks.map(({ label }, index) => [label, index]));
  const loops = blocks.flatMap(({ instructions }, end) =>
    instructions.flatMap((instruction) => {
      const target = /^s_c?branch\w*\s+(BB\d+)/.exec(instruction)?.[1];
      const start = target === undefined ? undefined : positions.get(target);
      return start !== undefined && start <= end ? [blocks.slice(start, end + 1)] : [];
    }),
  );
  return loops
    .map((loop) => count(loop.flatMap(({ instructions }) => instructions)))
    .filter(({ multiplyAdds }) => multiplyAdds > 0)
    .sort((a, b) => multiplyAddShare(b) - multiplyAddShare(a))[0];
}

/** Multiply-adds by instructions: the share of issue slots that do the work. */
export const multiplyAddShare = ({ multiplyAdds, instructions }: LoopStatistics): number =>
  instructions === 0 ? 0 : multiplyAdds / instructions;

function count(instructions: readonly string[]): LoopStatistics {
  const matching = (pattern: RegExp): number => instructions.filter((text) => pattern.test(text)).length;
  return {
    multiplyAdds: instructions.reduce((sum, text) => sum + multiplyAddsOf(text), 0),
    instructions: instructions.length,
    vector: matching(/^v_/),
    scalar: matching(/^s_/),
    workgroupMemory: matching(/^ds_/),
    memory: matching(/^(buffer|global|scratch|flat|s_buffer|s_load)/),
  };
}

/** A dual-issue line holds two instructions with `::` between them. */
function multiplyAddsOf(line: string): number {
  return line
    .split('::')
    .map((part) => part.trim())
    .reduce((sum, part) => {
      if (/^v_(dual_)?(fma|fmac|fmamk|fmaak|mad|mac)\w*f32/.test(part)) return sum + 1;
      if (/^v_pk_fma_f(16|32)/.test(part) || part.startsWith('v_dot2')) return sum + 2;
      return /^v_(fma|fmac)\w*f16/.test(part) ? sum + 1 : sum;
    }, 0);
}
