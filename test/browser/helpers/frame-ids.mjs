/**
 * The most likely token of every frame of every demo clip, by either face of the engine: this module runs in Node, where
 * it prints them as JSON, and in a page.
 */

/**
 * @param {typeof import('../../../src/index.ts')} engine
 * @param {(name: string) => string} locate path or URL of a file below `examples/`.
 * @param {readonly string[]} clips file names.
 * @returns {Promise<{ clip: string, text: string, ids: number[] }[]>}
 */
export async function frameIds(engine, locate, clips) {
  const recognize = await engine.pipeline('automatic-speech-recognition', locate('models/unispeech-tiny-en'));
  const { tokenizer } = recognize.processor;
  const results = [];
  let ids = [];
  // The pipeline hands the ids of all frames to the tokenizer: noted on the way.
  const decode = tokenizer.decode.bind(tokenizer);
  tokenizer.decode = (frames, options) => {
    ids = [...frames];
    return decode(frames, options);
  };
  for (const clip of clips) {
    const { text } = await recognize(locate(`audio/${clip}`));
    results.push({ clip, text, ids });
  }
  await recognize.dispose();
  return results;
}
