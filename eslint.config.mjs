import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { layersRule } from './scripts/eslint-layers.mjs';

export default defineConfig(
  { ignores: ['dist/', 'node_modules/', '.cache/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { layers: { rules: { down: layersRule } } },
    rules: {
      'layers/down': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      // The Auto classes have nothing but `from_pretrained`, as users of transformers know them.
      '@typescript-eslint/no-extraneous-class': ['error', { allowStaticOnly: true }],
      'no-restricted-syntax': [
        'error',
        ...['TSParameterProperty', 'PropertyDefinition', 'MethodDefinition[kind!="constructor"]'].map(
          (node) => ({
            selector: `${node}[accessibility="private"]`,
            message: 'Private members are #private.',
          }),
        ),
      ],
      // WebGPU types name their numeric flags as interfaces; `void promise` is how a floating promise is marked.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'vitest', importNames: ['it'], message: 'Tests are written with test().' }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'kernels/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage'].map((name) => ({
          name,
          message: 'Node has no such global: import it from src/gpu/flags.ts.',
        })),
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
);
