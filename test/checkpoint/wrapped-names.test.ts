/** Names of models that were saved inside DataParallel, torch.compile or FSDP. */
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoint/open-checkpoint.ts';
import { unwrapNames } from '../../src/checkpoint/wrapped-names.ts';
import { memoryFiles } from '../helpers/memory-files.ts';
import { rampTensor, writeSafetensors } from '../helpers/safetensors-writer.ts';

const unwrap = (...names: readonly string[]) =>
  unwrapNames(new Map(names.map((name, index) => [name, index])), 'm.safetensors');

describe('unwrapNames', () => {
  test.each([
    ['module.', ['module.a', 'module.b.c']],
    ['_orig_mod.', ['_orig_mod.a', '_orig_mod.b.c']],
    ['module._orig_mod.', ['module._orig_mod.a', 'module._orig_mod.b.c']],
    ['_orig_mod.module.', ['_orig_mod.module.a', '_orig_mod.module.b.c']],
    ['_fsdp_wrapped_module.', ['a', 'b._fsdp_wrapped_module.c', '_fsdp_wrapped_module.d'], ['a', 'b.c', 'd']],
    ['_orig_mod.', ['b._orig_mod.c', 'a._orig_mod.d', 'e'], ['b.c', 'a.d', 'e']],
  ])('leaves %s out of %j', (part, names, bare = ['a', 'b.c']) => {
    const { tensors, warning } = unwrap(...names);
    expect([...tensors]).toEqual(bare.map((name, index) => [name, index]));
    expect(warning).toContain(`m.safetensors: "${part}" was left out of the names of 2 tensors`);
  });

  test.each([
    [['a', 'b', 'module.c']],
    [['modules.a', 'my_module.b', 'a.module']],
    [['module.a', 'b']],
    [[]],
  ])('leaves %j as it is', (names) => {
    const { tensors, warning } = unwrap(...names);
    expect([...tensors.keys()]).toEqual(names);
    expect(warning).toBeUndefined();
  });

  test('refuses two tensors that would have one name', () => {
    expect(() => unwrap('module.a', 'module.b', 'a')).toThrow(
      'm.safetensors holds "a" twice, once as "module.a" and once as "a". Save the model again',
    );
  });
});

test('a checkpoint is read by the bare names', async () => {
  const file = writeSafetensors([rampTensor('module._orig_mod.lm_head.weight', [3])]);
  const checkpoint = await openCheckpoint(memoryFiles({ 'model.safetensors': file }));
  expect([...checkpoint.tensors.keys()]).toEqual(['lm_head.weight']);
  expect([...(await checkpoint.readWhole('lm_head.weight'))]).toEqual([0, 1, 2]);
  expect(checkpoint.warning).toContain('names of 1 tensors');
  await checkpoint.close();
});
