/** ONNX files that the peers suite writes, decoded by a reader of its own. */
import { describe, expect, test } from 'vitest';
import { encodeOnnx } from '../../bench/peers/onnx-model.ts';
import { onnxWorks } from '../../bench/peers/onnx-graphs.ts';
import { describePlacementLog } from '../../bench/peers/onnx-web.ts';
import { ProtobufMessage } from '../../bench/peers/protobuf.ts';
import { workloadData, workloadsOf } from '../../bench/peers/workloads.ts';

type Field = number | Uint8Array;

/** Fields of a message by number, in order: whole numbers, or the bytes of anything else. */
function decode(bytes: Uint8Array): Map<number, Field[]> {
  const fields = new Map<number, Field[]>();
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[offset++] ?? NaN;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (offset < bytes.length) {
    const tag = varint();
    const wireType = tag % 8;
    let field: Field;
    if (wireType === 0) field = varint();
    else {
      const byteLength = wireType === 5 ? 4 : varint();
      field = bytes.slice(offset, offset + byteLength);
      offset += byteLength;
    }
    const number = Math.floor(tag / 8);
    fields.set(number, [...(fields.get(number) ?? []), field]);
  }
  return fields;
}

const bytesOf = (field: Field | undefined): Uint8Array => {
  if (!(field instanceof Uint8Array)) throw new Error('no bytes');
  return field;
};
const textOf = (field: Field | undefined): string => new TextDecoder().decode(bytesOf(field));
const floatsOf = (field: Field | undefined): readonly number[] => [
  ...new Float32Array(bytesOf(field).slice().buffer),
];
const messages = (fields: Map<number, Field[]>, number: number): Map<number, Field[]>[] =>
  (fields.get(number) ?? []).map((field) => decode(bytesOf(field)));

/** Dims of a ValueInfoProto. */
const dimsOf = (valueInfo: Map<number, Field[]>): readonly Field[] => {
  const [tensorType] = messages(messages(valueInfo, 2)[0] ?? new Map<number, Field[]>(), 1);
  const [shape] = messages(tensorType ?? new Map<number, Field[]>(), 2);
  return messages(shape ?? new Map<number, Field[]>(), 1).flatMap((dim) => dim.get(1) ?? []);
};

describe('protocol buffers', () => {
  test('whole numbers take seven bits per byte', () => {
    expect([...new ProtobufMessage().integer(1, 300).encode()]).toEqual([0x08, 0xac, 0x02]);
    expect(decode(new ProtobufMessage().integer(20, 2 ** 40 + 1).encode())).toEqual(
      new Map([[20, [2 ** 40 + 1]]]),
    );
  });

  test('numbers that do not fit are refused', () => {
    for (const value of [-1, 0.5, 2 ** 53])
      expect(() => new ProtobufMessage().integer(1, value)).toThrow(/whole numbers from 0/);
  });
});

describe('ONNX files', () => {
  test('hold what was written', () => {
    const model = decode(
      encodeOnnx({
        nodes: [
          {
            operator: 'Conv',
            inputs: ['x', 'w'],
            outputs: ['y'],
            attributes: { group: 2, pads: [1, 0], alpha: { float: 0.25 } },
          },
        ],
        inputs: { x: [1, 300, 7] },
        outputs: { y: [1, 4, 7] },
        initializers: { w: { dims: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-20) } },
      }),
    );
    expect(model.get(1)).toEqual([9]);
    expect(messages(model, 8).map((opset) => [textOf(opset.get(1)?.[0]), opset.get(2)])).toEqual([
      ['', [20]],
    ]);
    const [graph] = messages(model, 7);
    if (graph === undefined) throw new Error('no graph');
    const [node] = messages(graph, 1);
    expect(node?.get(1)?.map(textOf)).toEqual(['x', 'w']);
    expect(node?.get(2)?.map(textOf)).toEqual(['y']);
    expect(textOf(node?.get(4)?.[0])).toBe('Conv');
    const [group, pads, alpha] = messages(node ?? new Map<number, Field[]>(), 5);
    expect([textOf(group?.get(1)?.[0]), group?.get(3), group?.get(20)]).toEqual(['group', [2], [2]]);
    expect([textOf(pads?.get(1)?.[0]), pads?.get(8), pads?.get(20)]).toEqual(['pads', [1, 0], [7]]);
    expect([floatsOf(alpha?.get(2)?.[0]), alpha?.get(20)]).toEqual([[0.25], [1]]);
    const [weight] = messages(graph, 5);
    expect([weight?.get(1), weight?.get(2), textOf(weight?.get(8)?.[0])]).toEqual([[2, 2], [1], 'w']);
    expect(floatsOf(weight?.get(9)?.[0])).toEqual([1, -2, 3.5, Math.fround(1e-20)]);
    expect(messages(graph, 11).map(dimsOf)).toEqual([[1, 300, 7]]);
    expect(messages(graph, 12).map(dimsOf)).toEqual([[1, 4, 7]]);
  });

  test('an operator outside the standard brings its own set', () => {
    const [attention] = workloadsOf(1).filter((workload) => workload.kind === 'attention');
    if (attention === undefined) throw new Error('no attention');
    const small = { ...attention, frames: 3, heads: 2, headSize: 4 };
    const [plain, fused] = onnxWorks(small, workloadData(small)).map(({ graph }) =>
      decode(encodeOnnx(graph)),
    );
    const domains = (model: Map<number, Field[]> | undefined): readonly string[] =>
      messages(model ?? new Map<number, Field[]>(), 8).map((opset) => textOf(opset.get(1)?.[0]));
    expect(domains(plain)).toEqual(['']);
    expect(domains(fused)).toEqual(['', 'com.microsoft']);
  });
});

describe('attention in plain operators', () => {
  test('heads come first, keys transposed, and the output goes back', () => {
    const workload = { kind: 'attention', name: 'small', frames: 2, heads: 2, headSize: 3 } as const;
    const tensor = { dims: [2, 6], data: Float32Array.from({ length: 12 }, (_, i) => i) };
    const [plain] = onnxWorks(workload, { inputs: { q: tensor, k: tensor, v: tensor }, weights: {} });
    if (plain === undefined) throw new Error('no graph');
    const perHead = [0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11];
    expect([...(plain.inputs.q?.data ?? [])]).toEqual(perHead);
    expect([...(plain.inputs.k?.data ?? [])]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
    expect([...plain.toCanonical(Float32Array.from(perHead))]).toEqual([...tensor.data]);
  });
});

describe('placement in the log of the web build', () => {
  const all =
    '2026 [V:onnxruntime:, session_state.cc:1] All nodes placed on [WebGpuExecutionProvider]. Number of nodes: 1';
  const line = (text: string): string =>
    `2026 [V:onnxruntime:, session_state.cc:1 VerifyEachNodeIsAssignedToAnEp]  ${text}`;
  const some = [
    line('Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2'),
    line(' Squeeze (node_1)'),
    line(' Add (node_2)'),
    line('Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 40'),
    line(' MatMul (node_3)'),
  ];
  test('tells how many nodes went where', () => {
    expect(describePlacementLog([all])).toBe('1 node on WebGPU');
    expect(describePlacementLog(some)).toBe('40 nodes on WebGPU, 2 on shapes elsewhere');
  });

  test('none on WebGPU, or a log that does not tell, is an error', () => {
    expect(() => describePlacementLog(some.slice(0, 1))).toThrow(/no node on WebGPU/);
    expect(() => describePlacementLog([])).toThrow(/no node on WebGPU/);
  });

  test('real work elsewhere is an error', () => {
    const log = some.map((text) => text.replace('Squeeze', 'Softmax'));
    expect(() => describePlacementLog(log)).toThrow(/2 of 42 nodes outside WebGPU, among them Softmax:/);
  });
});
