/**
 * Shortens WGSL for the browser bundle: comments, needless spaces and line ends go, names become short. Each function stays on a line of
 * its own, so that the compiler's messages lead somewhere. The Node build and the tests use the files as they are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { renameAll, shortNames } from './shorten-names.mjs';

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
    .map((line) => withoutSpaces(line.trim()))
    .filter((line) => line !== '')
    .join('\n');
}

/** Spaces beside one operator or bracket go; two operators never become one. */
const withoutSpaces = (line) =>
  line.replace(/([^\w\s])? +(?=([^\w\s])?)/g, (spaces, before = '', after = '') =>
    isOperator(before) && isOperator(after) ? spaces : before !== '' || after !== '' ? before : ' ',
  );
const isOperator = (character) => /[^\w\s(){}[\];,@]/.test(character);

/** Puts each function, with its attributes, on one line. */
export const joinLines = (code) =>
  code.replace(/(.)\n(?!(?:@compute|fn)\b)(?=(.))/g, (all, before, after) =>
    (isWord(before) && isWord(after)) || (isOperator(before) && isOperator(after)) ? all : before,
  );
const isWord = (character) => /\w/.test(character);

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

/** Every word of the TypeScript files in some folders. */
function wordsOf(...folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name)),
  );
  const words = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(file, 'utf8').match(/\w+/g) ?? []);
  return new Set(words);
}

/**
 * @param {string} folder of all shaders, whose names are shortened together.
 * @returns {ReadonlyMap<string, string>} path of each file → shortened text.
 */
export function minifiedShaders(folder) {
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.wgsl'))
    .sort()
    .map((name) => [path.resolve(folder, name), minifyWgsl(readFileSync(path.join(folder, name), 'utf8'))]);
  const preludes = wordsOf('kernels', 'src');
  const names = shortNames(
    sources.map(([, text]) => text),
    (constant) => preludes.has(constant),
  );
  return new Map(sources.map(([file, text]) => [file, joinLines(renameAll(text, names))]));
}

/**
 * The names of uniform fields that are made of several words: nothing else in the sources is named so.
 * @param {string} folder of all shaders.
 * @returns {string[]}
 */
export function uniformNames(folder) {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.wgsl'))
    .flatMap((name) => [
      ...readFileSync(path.join(folder, name), 'utf8').matchAll(/struct Params \{([^}]*)\}/g),
    ])
    .flatMap(([, fields = '']) => [...fields.matchAll(/(\w+_\w+):/g)])
    .map(([, name = '']) => name);
  return [...new Set(names)].sort();
}
