/** Loads a model as the class that its config.json names, for commands that take any model. */
import { isList } from '../base/checks.ts';
import {
  AutoConfig,
  AutoModel,
  AutoModelForAudioClassification,
  AutoModelForAudioFrameClassification,
  AutoModelForAudioXVector,
  AutoModelForCTC,
  AutoModelForPreTraining,
} from '../speech/auto.ts';
import type { ModelOptions } from '../speech/core/load-options.ts';

/** The first class that config.json names; '' if it names none. @throws UniSpeechError as `from_pretrained` does. */
export async function architectureOf(location: string, signal: AbortSignal | undefined): Promise<string> {
  const { json } = await AutoConfig.from_pretrained(location, signal && { signal });
  return isList(json.architectures) ? String(json.architectures[0]) : '';
}

/**
 * A file that names no class is taken for one of a CTC model.
 * @throws UniSpeechError as `from_pretrained` does.
 */
export async function loadAnyModel(location: string, options: ModelOptions) {
  const architecture = await architectureOf(location, options.signal);
  if (architecture.endsWith('ForSequenceClassification'))
    return AutoModelForAudioClassification.from_pretrained(location, options);
  if (architecture.endsWith('ForAudioFrameClassification'))
    return AutoModelForAudioFrameClassification.from_pretrained(location, options);
  if (architecture.endsWith('ForXVector')) return AutoModelForAudioXVector.from_pretrained(location, options);
  if (architecture.endsWith('ForPreTraining'))
    return AutoModelForPreTraining.from_pretrained(location, options);
  if (architecture.endsWith('Model')) return AutoModel.from_pretrained(location, options);
  return AutoModelForCTC.from_pretrained(location, options);
}
