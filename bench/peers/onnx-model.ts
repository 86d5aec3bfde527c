/** ONNX files of a few nodes, written without any library. Field numbers are those of onnx.proto. */
import type { HostTensor } from './engine.ts';
import { ProtobufMessage } from './protobuf.ts';

/** Whole numbers are INT (or INTS), `{ float }` is FLOAT. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly operator: string;
  /** Of an operator outside the standard. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** All tensors are float32 and of fixed shapes. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly initializers: Readonly<Record<string, HostTensor>>;
}

export const MICROSOFT_DOMAIN = 'com.microsoft';

/** The first version of the standard operators with a Gelu among them. */
const OPSET = 20;
const IR_VERSION = 9;
const FLOAT32 = 1;
/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 } as const;

/** A ModelProto. */
export function encodeOnnx({ nodes, inputs, outputs, initializers }: OnnxGraph): Uint8Array {
  const graph = new ProtobufMessage();
  for (const node of nodes) graph.message(1, nodeProto(node));
  graph.text(2, 'workload');
  for (const [name, tensor] of Object.entries(initializers)) graph.message(5, tensorProto(name, tensor));
  for (const [name, dims] of Object.entries(inputs)) graph.message(11, valueInfo(name, dims));
  for (const [name, dims] of Object.entries(outputs)) graph.message(12, valueInfo(name, dims));
  const model = new ProtobufMessage().integer(1, IR_VERSION).message(7, graph).message(8, opset('', OPSET));
  if (nodes.some(({ domain }) => domain === MICROSOFT_DOMAIN)) model.message(8, opset(MICROSOFT_DOMAIN, 1));
  return model.encode();
}

const opset = (domain: string, version: number): ProtobufMessage =>
  new ProtobufMessage().text(1, domain).integer(2, version);

function nodeProto({ operator, domain, inputs, outputs, attributes = {} }: OnnxNode): ProtobufMessage {
  const node = new ProtobufMessage();
  for (const name of inputs) node.text(1, name);
  for (const name of outputs) node.text(2, name);
  node.text(4, operator);
  for (const [name, value] of Object.entries(attributes)) node.message(5, attributeProto(name, value));
  if (domain !== undefined) node.text(7, domain);
  return node;
}

function attributeProto(name: string, value: OnnxAttribute): ProtobufMessage {
  const attribute = new ProtobufMessage().text(1, name);
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, ATTRIBUTE_TYPE.int);
  if ('float' in value) return attribute.float(2, value.float).integer(20, ATTRIBUTE_TYPE.float);
  for (const item of value) attribute.integer(8, item);
  return attribute.integer(20, ATTRIBUTE_TYPE.ints);
}

function tensorProto(name: string, { dims, data }: HostTensor): ProtobufMessage {
  const tensor = new ProtobufMessage();
  for (const dim of dims) tensor.integer(1, dim);
  return tensor
    .integer(2, FLOAT32)
    .text(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function valueInfo(name: string, dims: readonly number[]): ProtobufMessage {
  const shape = new ProtobufMessage();
  for (const dim of dims) shape.message(1, new ProtobufMessage().integer(1, dim));
  const tensorType = new ProtobufMessage().integer(1, FLOAT32).message(2, shape);
  return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensorType));
}
