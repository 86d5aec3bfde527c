/**
 * The layers of the project, lowest first, and an ESLint rule that lets imports go down only.
 * A folder may import itself, the folders listed for it, and nothing else of this repository.
 */
import path from 'node:path';

export const LAYERS = {
  'src/base': [],
  shaders: [],
  'src/gpu': ['src/base'],
  kernels: ['shaders', 'src/gpu', 'src/base'],
  'src/weights': ['src/base'],
  'src/audio': ['src/base'],
  'src/text': ['src/base'],
  'src/platform': ['src/base', 'src/audio', 'src/weights', 'src/gpu'],
  'src/graph': ['kernels', 'src/gpu', 'src/base'],
  'src/model': ['src/graph', 'kernels', 'src/weights', 'src/gpu', 'src/platform', 'src/base'],
  'src/pipelines': ['src/model', 'src/audio', 'src/text', 'src/weights', 'src/platform', 'src/base'],
  'src/worker': ['src/pipelines', 'src/platform', 'src/weights', 'src/audio', 'src/base'],
  'src/microphone': ['src/pipelines', 'src/audio', 'src/base'],
  'src/profile': ['src/model', 'src/graph', 'src/base'],
  'src/doctor': ['src/model', 'src/graph', 'kernels', 'src/gpu', 'src/platform', 'src/base'],
  'src/cli': [
    'src/profile',
    'src/doctor',
    'src/pipelines',
    'src/model',
    'src/graph',
    'kernels',
    'src/weights',
    'src/gpu',
    'src/platform',
    'src/base',
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
      const target = specifier.startsWith('#platform')
        ? 'src/platform/node.ts'
        : specifier.startsWith('.')
          ? path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier))
          : undefined;
      if (target === undefined) return;
      const to = layerOf(target) ?? path.posix.dirname(target);
      if (to !== from && !LAYERS[from].includes(to))
        context.report({ node, messageId: 'up', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
