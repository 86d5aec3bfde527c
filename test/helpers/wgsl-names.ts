/** Names at module scope of a WGSL text: what it defines, and what it needs that must stand beside it. */

/** What WGSL itself means by a name: words, types, attributes' values and built-in functions, as far as shaders here use them. */
const WGSL = new Set(
  (
    'enable subgroups fn struct var let const return if else for loop while break continue switch case default discard ' +
    'private workgroup uniform storage function read write read_write true false array ptr atomic bool f16 f32 i32 u32 ' +
    'vec2 vec3 vec4 vec2f vec3f vec4f vec2u vec3u vec4u vec2i vec3i vec4i mat2x2f mat3x3f mat4x4f ' +
    'abs all any bitcast ceil clamp cos dot exp exp2 floor fma inverseSqrt log max min mix pow round select sign sin sqrt step ' +
    'tanh transpose trunc pack2x16float unpack2x16float subgroupAdd subgroupBroadcast subgroupMax subgroupShuffle ' +
    'workgroupBarrier storageBarrier workgroupUniformLoad'
  ).split(' '),
);

/** Names, but no members (`.x`) and no suffixes of numbers (`4u`). */
const NAME = /(?<![\w.])[A-Za-z_]\w*/g;
const namesIn = (code: string): readonly string[] => [...code.matchAll(NAME)].map(([name]) => name);

export interface ModuleNames {
  /** Functions, constants, variables, bindings and structs. */
  readonly defined: ReadonlySet<string>;
  /** Names that are used but defined nowhere in the text, in the order of their first use. */
  readonly required: ReadonlySet<string>;
}

export function moduleNames(source: string): ModuleNames {
  const code = source
    .replace(/\/\/.*/g, '')
    // Of attributes only the size of a workgroup names constants.
    .replace(/@(?!workgroup_size)\w+(\([^)]*\))?/g, '')
    .replace(/@workgroup_size/g, '');
  const defined = new Set<string>();
  const used = new Set<string>();
  let rest = code;
  for (const [text, name = '', body = ''] of code.matchAll(/\bstruct\s+(\w+)\s*\{([^}]*)\}/g)) {
    defined.add(name);
    for (const type of body.matchAll(/:\s*([^,}]+)/g))
      namesIn(type[1] ?? '').forEach((each) => used.add(each));
    rest = rest.replace(text, '');
  }
  for (const { name, head, body } of functionsIn(rest)) {
    defined.add(name);
    const locals = new Set(
      [...head.matchAll(/\b(\w+)\s*:/g), ...body.matchAll(/\b(?:let|var|const)(?:<[^>]*>)?\s+(\w+)/g)].map(
        ([, local]) => local,
      ),
    );
    for (const each of namesIn(head + body)) if (!locals.has(each)) used.add(each);
    rest = rest.replace(head + body, '').replace(new RegExp(`\\bfn\\s+${name}\\b`), '');
  }
  for (const [, name = ''] of rest.matchAll(/\b(?:const|override|alias|var(?:<[^>]*>)?)\s+(\w+)/g))
    defined.add(name);
  namesIn(rest).forEach((each) => used.add(each));
  return {
    defined,
    required: new Set([...used].filter((name) => !defined.has(name) && !WGSL.has(name))),
  };
}

/** Functions with their parameters and result type (`head`) and their code. */
function functionsIn(code: string) {
  return [...code.matchAll(/\bfn\s+(\w+)\s*(?=\()/g)].map(({ 0: match, 1: name = '', index }) => {
    const headStart = index + match.length;
    const bodyStart = code.indexOf('{', headStart);
    let end = bodyStart + 1;
    for (let depth = 1; depth > 0; end++) {
      if (end > code.length) throw new Error(`the function ${name} is not closed`);
      depth += code[end] === '{' ? 1 : code[end] === '}' ? -1 : 0;
    }
    return { name, head: code.slice(headStart, bodyStart), body: code.slice(bodyStart, end) };
  });
}
