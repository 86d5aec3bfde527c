/** The classes of the engine, and what each is for. */
import { isList } from '../base/checks.ts';
import { describeValue, UniSpeechError } from '../base/errors.ts';
import { CLASSES_BY_ENDING } from '../speech/auto.ts';
import type { ModelKind } from '../speech/core/load-runner.ts';
import type { EncoderConfig } from '../speech/encoder/config.ts';
import type { HeadChoice } from '../speech/heads/later-heads.ts';

type ClassEnding = keyof typeof CLASSES_BY_ENDING;

/** What a class is for. */
export interface ModelTask {
  /** In words. */
  readonly title: string;
  /** The task of `pipeline()`; undefined if only the classes of models run it. */
  readonly pipeline: string | undefined;
}

const TASKS: Readonly<Record<ClassEnding, ModelTask>> = {
  ForCTC: { title: 'speech recognition (CTC)', pipeline: 'automatic-speech-recognition' },
  ForSequenceClassification: { title: 'audio classification', pipeline: 'audio-classification' },
  ForAudioFrameClassification: {
    title: 'speaker diarization (classification of frames)',
    pipeline: 'audio-frame-classification',
  },
  ForXVector: { title: 'speaker verification (x-vectors)', pipeline: 'speaker-verification' },
  ForPreTraining: { title: 'pre-training', pipeline: undefined },
  Model: { title: 'features of speech', pipeline: 'feature-extraction' },
};

/** A class of the engine, by its name. */
export interface NamedClass {
  readonly className: string;
  readonly task: ModelTask;
  readonly head: HeadChoice;
}

const ENDINGS = Object.keys(TASKS) as ClassEnding[];

/** Every class that the engine has for the family of a configuration. */
export const classesOf = ({ family }: Pick<EncoderConfig, 'family'>): readonly NamedClass[] =>
  ENDINGS.flatMap((ending) => {
    const kinds: readonly ModelKind[] = CLASSES_BY_ENDING[ending];
    const kind = kinds.find(({ config_class }) => config_class.family === family);
    return kind ? [{ className: family.className + ending, task: TASKS[ending], head: kind.head }] : [];
  });

/**
 * The class that config.json names first; the one without a head if it names none.
 * @throws UniSpeechError `unsupported` for a class that the engine does not have.
 */
export function namedClassOf(config: EncoderConfig, fileName = 'config.json'): NamedClass {
  const { architectures } = config.json;
  const [name = `${config.family.className}Model`]: readonly unknown[] = isList(architectures)
    ? architectures
    : [];
  const classes = classesOf(config);
  const found = classes.find(({ className }) => className === name);
  if (found) return found;
  throw new UniSpeechError(
    'unsupported',
    `${fileName} names the class ${describeValue(name)}, which this engine does not have.`,
    `Of "${config.model_type}" it has ${classes.map(({ className }) => className).join(', ')}.`,
  );
}
