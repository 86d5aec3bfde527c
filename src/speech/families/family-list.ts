/** The families that the engine runs, as the classes of their configurations. */
import { UniSpeechConfig } from './unispeech.ts';

export const CONFIG_CLASSES = [UniSpeechConfig] as const;
