/**
 * The layers of the project, lowest first, and a lint rule that lets imports go down only.
 * A folder may import itself, the folders listed for it with all that is in them, and nothing else of this repository.
 */
import path from 'node:path';

export const LAYERS = {
  'src/base': [],
  shaders: [],
  'src/gpu': ['src/base'],
  kernels: ['shaders', 'src/gpu', 'src/base'],
  'src/checkpoint': ['src/base'],
  'src/files': ['src/checkpoint', 'src/base'],
  'src/audio': ['src/base'],
  'src/losses': ['src/base'],
  'src/text': ['src/base'],
  'src/decode': ['src/text', 'src/base'],
  'src/captions': ['src/base'],
  'src/score': ['src/base'],
  'src/platform': ['src/audio', 'src/files', 'src/gpu', 'src/base'],
  'src/beam': ['src/decode', 'src/text', 'src/files', 'src/platform', 'src/base'],
  'src/graph': ['kernels', 'src/gpu', 'src/base'],
  'src/speech/encoder': ['src/checkpoint', 'src/graph', 'kernels', 'src/gpu', 'src/base'],
  'src/speech/heads': [
    'src/speech/encoder',
    'src/losses',
    'src/checkpoint',
    'src/graph',
    'kernels',
    'src/gpu',
    'src/base',
  ],
  'src/speech/families': [
    'src/speech/heads',
    'src/speech/encoder',
    'src/checkpoint',
    'src/graph',
    'src/base',
  ],
  'src/speech/core': [
    'src/speech/families',
    'src/speech/heads',
    'src/speech/encoder',
    'src/files',
    'src/checkpoint',
    'src/platform',
    'src/graph',
    'kernels',
    'src/gpu',
    'src/base',
  ],
  'src/speech': [
    'src/speech/core',
    'src/speech/families',
    'src/speech/heads',
    'src/speech/encoder',
    'src/losses',
    'src/files',
    'src/platform',
    'src/graph',
    'src/gpu',
    'src/base',
  ],
  'src/pipelines': [
    'src/speech',
    'src/beam',
    'src/decode',
    'src/text',
    'src/audio',
    'src/files',
    'src/platform',
    'src/base',
  ],
  'src/align': ['src/pipelines', 'src/decode', 'src/base'],
  'src/phones': ['src/align', 'src/score', 'src/pipelines', 'src/decode', 'src/audio', 'src/base'],
  'src/worker': [
    'src/pipelines',
    'src/beam',
    'src/decode',
    'src/audio',
    'src/files',
    'src/platform',
    'src/base',
  ],
  'src/microphone': ['src/pipelines', 'src/audio', 'src/base'],
  'src/profile': ['src/speech', 'src/graph', 'src/base'],
  'src/doctor': [
    'src/speech',
    'src/files',
    'src/checkpoint',
    'src/graph',
    'kernels',
    'src/gpu',
    'src/platform',
    'src/base',
  ],
  'src/cli': [
    'src/phones',
    'src/align',
    'src/profile',
    'src/doctor',
    'src/captions',
    'src/score',
    'src/beam',
    'src/pipelines',
    'src/text',
    'src/speech',
    'src/graph',
    'kernels',
    'src/files',
    'src/checkpoint',
    'src/gpu',
    'src/platform',
    'src/base',
  ],
  // The server takes the engine as its users do, by the name of its package: it imports nothing of `src`.
  'packages/server/src/engine': [],
  'packages/server/src/base': [],
  'packages/server/src/batch': ['packages/server/src/engine', 'packages/server/src/base'],
  'packages/server/src/http': ['packages/server/src/engine', 'packages/server/src/base'],
  'packages/server/src/page': [],
  'packages/server/src': [
    'packages/server/src/http',
    'packages/server/src/batch',
    'packages/server/src/engine',
    'packages/server/src/base',
  ],
};

const layerOf = (file) => Object.keys(LAYERS).find((layer) => file.startsWith(`${layer}/`));

export const layersRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { up: '{{from}} must not import {{to}}: imports go down the layers only' },
  },
  create(context) {
    const root = context.cwd;
    const file = path.relative(root, context.filename).split(path.sep).join('/');
    const from = layerOf(file);
    if (!from) return {};
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const target = specifier.startsWith('#')
        ? 'src/platform/node.ts'
        : specifier.startsWith('.')
          ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
          : undefined;
      if (target === undefined) return;
      const to = layerOf(target) ?? path.posix.dirname(target);
      const isBelow = LAYERS[from].some((layer) => to === layer || to.startsWith(`${layer}/`));
      if (to !== from && !isBelow) context.report({ node, messageId: 'up', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
