/**
 * Starts of the names of tensors that only some classes have: no fault in a file that is read as another class. They have no prefix. The last one
 * is a whole number that counts steps of training.
 */
export const HEAD_TENSORS: readonly string[] = [
  'lm_head.',
  'quantizer.',
  'project_q.',
  'project_hid.',
  'ctc_proj.',
  'projector.',
  'classifier.',
  'layer_weights',
  'masked_spec_embed',
  'speaker_proj.',
  'label_embeddings_concat',
  'layer_norm_for_extract.',
  'tdnn.',
  'objective.',
  'feature_extractor.weight',
  'feature_extractor.bias',
  'encoder.pos_conv_embed.batch_norm.num_batches_tracked',
];
