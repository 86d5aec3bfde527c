/** Names of tensors of a model that was saved inside a wrapper of training. */
import { UniSpeechError } from '../base/errors.ts';
import { quote } from './safetensors.ts';

/**
 * What wrappers of PyTorch put into names: `module` of DataParallel, `_orig_mod` of torch.compile, and two of FSDP. No part of
 * a UniSpeech model has such a name.
 */
const WRAPPERS = /(^|\.)(?:(?:module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module)\.)+/g;

export interface UnwrappedNames<T> {
  readonly tensors: ReadonlyMap<string, T>;
  /** One sentence where names were changed. */
  readonly warning: string | undefined;
}

/**
 * Leaves the wrappers out where most names have one; where few have, those tensors are something else.
 * @param fileName shown in the warning and in errors.
 * @throws UniSpeechError `bad-checkpoint` when two tensors get one name.
 */
export function unwrapNames<T>(tensors: ReadonlyMap<string, T>, fileName: string): UnwrappedNames<T> {
  const wrappers = new Set<string>();
  const bareNames = Array.from(tensors.keys(), (name) =>
    name.replace(WRAPPERS, (wrapper, dot: string) => {
      wrappers.add(quote(wrapper.slice(dot.length)));
      return dot;
    }),
  );
  const names = [...tensors.keys()];
  const count = bareNames.filter((bare, index) => bare !== names[index]).length;
  if (2 * count <= names.length) return { tensors, warning: undefined };
  const unwrapped = new Map<string, T>();
  [...tensors].forEach(([name, tensor], index) => {
    const bare = bareNames[index] ?? name;
    if (unwrapped.has(bare)) {
      throw new UniSpeechError(
        'bad-checkpoint',
        `${fileName} holds ${quote(bare)} twice, once as ${quote(names[bareNames.indexOf(bare)] ?? '')} and once as ${quote(name)}.`,
        'Save the model again, without the wrapper of its training.',
      );
    }
    unwrapped.set(bare, tensor);
  });
  return {
    tensors: unwrapped,
    warning: `${fileName}: ${[...wrappers].join(' and ')} was left out of the names of ${count} tensors: the model was saved inside a wrapper of its training (DataParallel, torch.compile).`,
  };
}
