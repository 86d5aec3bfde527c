/** The families that the engine runs, as the classes of their configurations. */
import type { ConfigClass } from '../encoder/config.ts';
import { Data2VecAudioConfig } from './data2vec-audio.ts';
import { HubertConfig } from './hubert.ts';
import { SEWConfig } from './sew.ts';
import { UniSpeechSatConfig } from './unispeech-sat.ts';
import { UniSpeechConfig } from './unispeech.ts';
import { Wav2Vec2Config } from './wav2vec2.ts';
import { WavLMConfig } from './wavlm.ts';

/** The first is that of files without `model_type`. */
export const CONFIG_CLASSES: readonly ConfigClass[] = [
  UniSpeechConfig,
  Wav2Vec2Config,
  HubertConfig,
  UniSpeechSatConfig,
  SEWConfig,
  Data2VecAudioConfig,
  WavLMConfig,
];
