/**
 * Shortens WGSL for the browser bundle: comments, indentation and empty lines go, lines of code stay lines, so that the
 * compiler's messages can still be read. The Node build and the tests use the files as they are.
 */
import { readFile } from 'node:fs/promises';

/**
 * @param {string} source WGSL has no strings, so that comments can be found without reading the language.
 * @returns {string} the same tokens.
 */
export function minifyWgsl(source) {
  let code = '';
  let position = 0;
  while (position < source.length) {
    const [next, end] = nextComment(source, position);
    code += source.slice(position, next);
    // Two tokens must not become one.
    if (end > next) code += ' ';
    position = end;
  }
  return code
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** Start and end of the first comment at or after `from`; both the length of the text where there is none. */
function nextComment(source, from) {
  const start = /\/[/*]/g;
  start.lastIndex = from;
  const found = start.exec(source);
  if (!found) return [source.length, source.length];
  if (found[0] === '//') {
    const end = source.indexOf('\n', found.index);
    return [found.index, end < 0 ? source.length : end];
  }
  // Block comments nest.
  const mark = /\/\*|\*\//g;
  mark.lastIndex = found.index;
  let depth = 0;
  for (let match = mark.exec(source); match; match = mark.exec(source)) {
    depth += match[0] === '/*' ? 1 : -1;
    if (depth === 0) return [found.index, mark.lastIndex];
  }
  throw new Error('a block comment is not closed');
}

/** Makes `import text from './x.wgsl'` the shortened text. @returns {import('esbuild').Plugin} */
export function minifiedWgsl() {
  return {
    name: 'minified-wgsl',
    setup({ onLoad }) {
      onLoad({ filter: /\.wgsl$/ }, async ({ path }) => ({
        contents: minifyWgsl(await readFile(path, 'utf8')),
        loader: 'text',
      }));
    },
  };
}
