/** The vocabulary of the letter vectors: that of the public wav2vec2 checkpoints. */
const LETTERS = "<pad> <s> </s> <unk> | E T A O N I H S R D L U M W C F G Y P B V K ' X J Q Z".split(' ');

export const letterVocabulary: Readonly<Record<string, number>> = Object.fromEntries(
  LETTERS.map((token, id) => [token, id]),
);
