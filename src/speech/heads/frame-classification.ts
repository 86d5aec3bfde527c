/** The head for frames: a linear layer from each frame to the classes (`Wav2Vec2ForAudioFrameClassification` of the reference). */
import type { Tensor } from '../../base/tensor.ts';
import { linear } from '../encoder/weight-buffers.ts';
import { addLayer } from './add-layer.ts';
import { refuseAdapter } from './adapter-refusal.ts';
import type { Head } from './head.ts';
import { prepareLabelled, type LabelledOutputs } from './labels.ts';
import { addFrames, layerWeights } from './weighted-sum.ts';

/** Output of `Wav2Vec2ForAudioFrameClassification` (`TokenClassifierOutput`). */
export interface TokenClassifierOutput extends LabelledOutputs {
  /** []: the cross-entropy of the class with the largest label of each frame, the mean over all frames, padded ones included. Its sums are float64. */
  readonly loss?: Tensor<'float32'>;
  /** [B, T, num_labels], raw. Where classes do not exclude each other (speakers of a diarization), those above 0 are likely. */
  readonly logits: Tensor<'float32'>;
}

/** What a call takes in addition. */
export interface FrameLabels {
  /** [B, T, num_labels], one-hot: a tensor, or nested lists. Of several largest entries of a frame the first one is its class. */
  readonly labels?: Tensor | readonly (readonly ArrayLike<number>[])[] | null;
}

export const FRAME_CLASSIFICATION_HEAD: Head<TokenClassifierOutput> = {
  argumentNames: ['labels'],
  prepare: (call) => prepareLabelled(call, 'frame'),
  layout(config) {
    refuseAdapter(config, 'classification of frames');
    return [...layerWeights(config), ...linear('classifier', config.num_labels, config.hidden_size)];
  },
  sizes: [['num_labels', 'classifier.weight', 0, 2]],
  addTo(target) {
    const { graph, config } = target;
    const { frames: x } = addFrames(target);
    graph.output('logits', addLayer(target, 'classifier', config.num_labels, x));
  },
};
