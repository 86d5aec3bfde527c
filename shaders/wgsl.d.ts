/** Every `.wgsl` file is imported as its text; the bundler and the test runner both do this. */
declare module '*.wgsl' {
  const source: string;
  export default source;
}
