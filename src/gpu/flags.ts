/**
 * The WebGPU flags that the engine uses, under their own names (https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage).
 * In Node they are not globals, and a caller with an own device does not have to define them.
 */
export const GPUBufferUsage = {
  MAP_READ: 0x1,
  COPY_SRC: 0x4,
  COPY_DST: 0x8,
  UNIFORM: 0x40,
  STORAGE: 0x80,
  QUERY_RESOLVE: 0x200,
} as const;

export const GPUMapMode = { READ: 0x1 } as const;

export const GPUShaderStage = { COMPUTE: 0x4 } as const;
