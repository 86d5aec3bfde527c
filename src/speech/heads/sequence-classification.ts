/**
 * The head for whole clips: the mean over the frames, then two linear layers (`UniSpeechForSequenceClassification` of the reference). The
 * reference projects every frame before it takes the mean; the layers are linear, so the mean may come first.
 */
import { UniSpeechError } from '../../base/errors.ts';
import type { NumberList } from '../../base/number-tables.ts';
import type { Tensor } from '../../base/tensor.ts';
import { frameMean } from '../../graph/frame-mean.ts';
import type { TensorId } from '../../graph/graph-tensor.ts';
import { linear } from '../encoder/weight-buffers.ts';
import { addLayer } from './add-layer.ts';
import { refuseAdapter } from './adapter-refusal.ts';
import { LAYER_WEIGHTS, type Head, type HeadCall, type HeadGraph } from './head.ts';
import { prepareLabelled, type LabelledOutputs } from './labels.ts';
import { layerWeights } from './weighted-sum.ts';

/** Output of `UniSpeechForSequenceClassification` (`SequenceClassifierOutput`). */
export interface SequenceClassifierOutput extends LabelledOutputs {
  /** []: the cross-entropy of `labels`, the mean over the items. Its sums are float64. */
  readonly loss?: Tensor<'float32'>;
  /** [B, num_labels], raw: no softmax. */
  readonly logits: Tensor<'float32'>;
}

/** What a call takes in addition. */
export interface ClassLabels {
  /** [B], the class of each clip, below `num_labels`; −100 for a clip that does not count in the loss. */
  readonly labels?: NumberList | null;
}

/** [item, hidden]: the mean over the frames that are not padding, of the last state or of the weighted sum of all. */
function addPooling({ graph, config, addEncoder }: HeadGraph): TensorId {
  const { hidden_size: hidden } = config;
  let total: TensorId | undefined;
  let index = 0;
  const addMean = (x: TensorId, keyCounts: TensorId): TensorId => {
    const factor = config.use_weighted_layer_sum ? { weights: LAYER_WEIGHTS, index } : undefined;
    const name = factor ? `pooling ${index++}` : 'pooling';
    return graph.add(name, hidden, frameMean({ x, keyCounts, factor, total }), 'items');
  };
  const { lastHiddenState, keyCounts } = addEncoder((state, counts) => {
    if (config.use_weighted_layer_sum) total = addMean(state, counts);
  });
  return total ?? addMean(lastHiddenState, keyCounts);
}

/**
 * Models that pool frames give a row without any frame no frame at all, and the mean of nothing is no answer.
 * @throws UniSpeechError `bad-input`.
 */
function checkRows({ config, sampleCounts, isMasked }: HeadCall): void {
  if (!isMasked || config.pooledFrames === undefined) return;
  const row = sampleCounts.findIndex((sampleCount) => config.frameCount(sampleCount) < 1);
  if (row < 0) return;
  throw new UniSpeechError(
    'bad-input',
    `Row ${row} of the batch has ${sampleCounts[row] ?? 0} real samples, which give no frame to classify.`,
    `Give every clip at least ${config.minimumSampleCount} samples.`,
  );
}

export const SEQUENCE_CLASSIFICATION_HEAD: Head<SequenceClassifierOutput> = {
  argumentNames: ['labels'],
  prepare(call) {
    checkRows(call);
    return prepareLabelled(call, 'class');
  },
  layout(config) {
    refuseAdapter(config, 'classification of clips');
    return [
      ...layerWeights(config),
      ...linear('projector', config.classifier_proj_size, config.hidden_size),
      ...linear('classifier', config.num_labels, config.classifier_proj_size),
    ];
  },
  sizes: [
    ['classifier_proj_size', 'projector.weight', 0, 2],
    ['num_labels', 'classifier.weight', 0, 2],
  ],
  addTo(target) {
    const { graph, config } = target;
    const width = config.classifier_proj_size;
    const projected = addLayer(target, 'projector', width, addPooling(target), 'items');
    graph.output('logits', addLayer(target, 'classifier', config.num_labels, projected, 'items'));
  },
};
