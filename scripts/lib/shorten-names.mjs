/**
 * Short names for WGSL in the browser bundle. What a shader declares outside functions gets the same short name in all of them,
 * because kernels put several files together; constants in capitals stay where the sources of the generated preludes spell them. Parameters and
 * variables of a function are a, b, c … in the order in which they come: functions that do alike then look alike to gzip (0.45 KB less
 * than one name for each in all shaders).
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
const NAME = /(?<member>\.\s*)?\b(?<name>[A-Za-z_]\w*)/g;
const DECLARATION =
  /\b(?:fn|let|const|struct|alias|var(?:<[^>]*>)?)\s*\b([A-Za-z_]\w*)|\b([A-Za-z_]\w*)\s*:/g;
const isConstant = (name) => /^[A-Z][A-Z\d_]*$/.test(name);
const isOfWgsl = (name) => RESERVED.has(name) || /^(?:vec|mat)\d/.test(name);

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');
const LOCAL_NAMES = [
  ...LETTERS,
  ...LETTERS.flatMap((letter) => [...'0123456789'].map((digit) => letter + digit)),
];

/** Names that a text declares, in the order in which they come. */
function declaredNames(text, isKept) {
  const names = [...text.matchAll(DECLARATION)].map(([, statement, annotated]) => statement ?? annotated);
  return new Set(names.filter((name) => !isOfWgsl(name) && !(isConstant(name) && isKept(name))));
}

/** Cuts a shader into the functions' parameters and bodies and what stands between them. */
function cutAtFunctions(source) {
  const pieces = [];
  let position = 0;
  for (const { index } of source.matchAll(/\bfn\s+\w+\s*(?=\()/g)) {
    const start = source.indexOf('(', index);
    let end = source.indexOf('{', start) + 1;
    for (let depth = 1; depth > 0; end++) {
      if (end > source.length) throw new Error('a function is not closed');
      depth += source[end] === '{' ? 1 : source[end] === '}' ? -1 : 0;
    }
    pieces.push(
      { text: source.slice(position, start), isFunction: false },
      { text: source.slice(start, end), isFunction: true },
    );
    position = end;
  }
  return [...pieces, { text: source.slice(position), isFunction: false }];
}

/**
 * Names of what stands outside functions.
 * @param {readonly string[]} sources all shaders, without comments.
 * @param {(constant: string) => boolean} isKept whether something else than shaders spells a constant.
 * @returns {ReadonlyMap<string, string>} the shortest names for those that occur most; names of up to two letters stay.
 */
export function shortNames(sources, isKept = () => true) {
  const outside = sources.flatMap(cutAtFunctions).filter(({ isFunction }) => !isFunction);
  const counts = new Map();
  for (const { text } of outside) for (const name of declaredNames(text, isKept)) counts.set(name, 0);
  for (const { groups } of sources.join('\n').matchAll(NAME))
    if (counts.has(groups.name)) counts.set(groups.name, counts.get(groups.name) + 1);
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  const long = ordered.filter((name) => name.length > 2);
  return new Map([
    ...ordered.filter((name) => name.length <= 2).map((name) => [name, name]),
    ...long.map((name, index) => [name, `_${index.toString(36)}`]),
  ]);
}

/** A name from outside that a function declares anew must mean its own from the first use on. */
function refuseMixedUse(text, name) {
  const first = new RegExp(`(\\b(?:let|const|var)\\s+)?(?<![.\\w])${name}\\b(\\s*:)?`).exec(text);
  if (first?.[1] === undefined && first?.[2] === undefined)
    throw new Error(`a function uses "${name}" from outside and declares another one`);
}

/**
 * The same program under other names.
 * @param {ReadonlyMap<string, string>} names of what stands outside functions, in any shader.
 */
export function renameAll(source, names) {
  const free = LOCAL_NAMES.filter((name) => !names.has(name));
  return cutAtFunctions(source)
    .map(({ text, isFunction }) => {
      const locals = isFunction ? [...declaredNames(text, () => true)] : [];
      for (const name of locals) if (names.has(name)) refuseMixedUse(text, name);
      const short = new Map(locals.map((name, index) => [name, free[index]]));
      // A member is no variable, even of the same name.
      return text.replace(NAME, (all, member, name) => {
        const renamed = (member === undefined ? short.get(name) : undefined) ?? names.get(name) ?? name;
        return `${member ?? ''}${renamed}`;
      });
    })
    .join('');
}
