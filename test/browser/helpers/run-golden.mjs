/** Runs a model of the goldens in a page. */

export async function runGolden(engine, folder, className, inputs) {
  const model = await engine[className].from_pretrained(folder, { cache: false });
  const tensors = Object.entries(inputs).map(([name, { type, data, dims }]) => [
    name,
    new engine.Tensor(type, type === 'float32' ? Float32Array.from(data) : Int32Array.from(data), dims),
  ]);
  const outputs = await model({
    ...Object.fromEntries(tensors),
    output_hidden_states: true,
    output_attentions: true,
  });
  await model.dispose();
  const plain = ({ data, dims }) => ({ data: [...data], dims });
  const entries = Object.entries(outputs).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((tensor, index) => [`${name}.${index}`, plain(tensor)])
      : [[name, plain(value)]],
  );
  return Object.fromEntries(entries);
}
