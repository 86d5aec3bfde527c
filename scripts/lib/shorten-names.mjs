/**
 * Short names for WGSL in the browser bundle. A name that any shader declares gets the same short one in all of them, because
 * kernels put several files together; constants in capitals stay, because the generated preludes spell them.
 */

/** Names that mean something to WGSL itself wherever they stand. */
const RESERVED = new Set(
  (
    'main function private workgroup uniform storage read write read_write array bool f16 f32 i32 u32 true false ' +
    'workgroup_id local_invocation_id local_invocation_index num_workgroups global_invocation_id subgroup_invocation_id ' +
    'subgroup_size builtin binding group compute workgroup_size subgroups abs all any bitcast ceil clamp dot exp exp2 fma ' +
    'floor inverseSqrt log max min pow round select sign sqrt tanh transpose unpack2x16float subgroupShuffle ' +
    'subgroupBroadcast subgroupAdd subgroupMax workgroupBarrier storageBarrier workgroupUniformLoad extractBits length ' +
    'distance step mix fract trunc'
  ).split(' '),
);
const DECLARATION = /\b(?:fn|let|const|struct|alias|var(?:<[^>]*>)?)\s+([A-Za-z_]\w*)|\b([A-Za-z_]\w*)\s*:/g;
const isShortened = (name) =>
  name.length > 2 && !RESERVED.has(name) && !/^[A-Z\d_]+$/.test(name) && !/^(?:vec|mat)\d/.test(name);

/**
 * @param {readonly string[]} sources all shaders, without comments.
 * @returns {ReadonlyMap<string, string>} the shortest names for those that occur most.
 */
export function shortNames(sources) {
  const text = sources.join('\n');
  const declared = new Set();
  for (const [, statement, annotated] of text.matchAll(DECLARATION)) {
    const name = statement ?? annotated;
    if (isShortened(name)) declared.add(name);
  }
  const counts = new Map();
  for (const [name] of text.matchAll(/\b[A-Za-z_]\w*/g))
    if (declared.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return new Map(ordered.map(([name], index) => [name, `_${index.toString(36)}`]));
}

/** The same program under other names. */
export const renameAll = (source, names) =>
  source.replace(/\b[A-Za-z_]\w*/g, (name) => names.get(name) ?? name);
