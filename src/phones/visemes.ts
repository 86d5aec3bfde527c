/** Visemes, the shapes of the mouth: the 15 of Oculus, of phonemes in IPA. Groups after those of Oculus and of SAPI. */

/** In the order of `XrFaceTrackingVisemeMETA` of OpenXR. Ready Player Me calls ih, oh and ou `viseme_I`, `viseme_O` and `viseme_U`. */
export const VISEMES = [
  'sil',
  'PP',
  'FF',
  'TH',
  'DD',
  'kk',
  'CH',
  'SS',
  'nn',
  'RR',
  'aa',
  'E',
  'ih',
  'oh',
  'ou',
] as const;
export type Viseme = (typeof VISEMES)[number];

const PHONEMES: Readonly<Record<Exclude<Viseme, 'sil'>, string>> = {
  PP: 'p b m β ɱ',
  FF: 'f v ʋ',
  TH: 'θ ð',
  DD: 't d ɾ ʈ ɖ ʔ',
  kk: 'k ɡ g ŋ x ɣ χ h ħ q',
  CH: 'tʃ dʒ ʃ ʒ tɕ dʑ ɕ ʑ ʂ ʐ',
  SS: 's z ts dz',
  nn: 'n l ɲ ʎ ɫ ɭ ɳ',
  RR: 'r ɹ ʁ ʀ ɝ ɚ',
  aa: 'a ɑ ɐ ʌ æ ɒ',
  E: 'e ɛ ə ɜ ɘ',
  ih: 'i ɪ j ʝ ɨ',
  oh: 'o ɔ ø œ ɵ',
  ou: 'u ʊ w y ʏ ɥ ɯ',
};

/**
 * Weights of ARKit's blend shapes for each viseme, 0 to 1: a hint for faces that have no visemes of their own. Names are those of
 * `ARFaceAnchor.BlendShapeLocation`.
 */
export const ARKIT_WEIGHTS: Readonly<Record<Viseme, Readonly<Record<string, number>>>> = {
  sil: {},
  PP: { mouthClose: 0.6, mouthPressLeft: 0.4, mouthPressRight: 0.4 },
  FF: { mouthRollLower: 0.5, mouthUpperUpLeft: 0.2, mouthUpperUpRight: 0.2 },
  TH: { jawOpen: 0.15, tongueOut: 0.3 },
  DD: { jawOpen: 0.15 },
  kk: { jawOpen: 0.2, mouthStretchLeft: 0.1, mouthStretchRight: 0.1 },
  CH: { mouthFunnel: 0.5, jawOpen: 0.1 },
  SS: { mouthStretchLeft: 0.3, mouthStretchRight: 0.3, mouthSmileLeft: 0.1, mouthSmileRight: 0.1 },
  nn: { jawOpen: 0.15 },
  RR: { mouthPucker: 0.2, jawOpen: 0.15 },
  aa: { jawOpen: 0.6 },
  E: { jawOpen: 0.35, mouthStretchLeft: 0.3, mouthStretchRight: 0.3 },
  ih: { mouthSmileLeft: 0.4, mouthSmileRight: 0.4, jawOpen: 0.2 },
  oh: { mouthFunnel: 0.5, jawOpen: 0.35 },
  ou: { mouthPucker: 0.7 },
};

/** Length, stress and secondary articulation, which the mouth hardly shows. */
const MODIFIERS = /[\p{Mn}ːˑˈˌʲʰʷˠˤ]/gu;

let visemeByPhoneme: ReadonlyMap<string, Viseme> | undefined;

/** What a phoneme looks like. */
export interface PhonemeVisemes {
  /** At least one; diphthongs have two. */
  readonly visemes: readonly Viseme[];
  /** The characters that no viseme is known for; each is `sil` among `visemes`. */
  readonly unknown: readonly string[];
}

/**
 * The visemes of one phoneme in IPA. Marks and lengths are dropped, then the longest of two or one characters that is known is taken, again and again;
 * equal neighbours are merged. `aɪ` is aa, ih; `tʃː` is CH; an empty text, `|` and a space are silence.
 */
export function visemesOf(phoneme: string): PhonemeVisemes {
  visemeByPhoneme ??= new Map(
    VISEMES.flatMap((viseme) =>
      viseme === 'sil' ? [] : PHONEMES[viseme].split(' ').map((known) => [known, viseme] as const),
    ),
  );
  const characters = Array.from(phoneme.normalize('NFD').replace(MODIFIERS, ''));
  const visemes: Viseme[] = [];
  const unknown: string[] = [];
  const add = (viseme: Viseme): void => {
    if (visemes.at(-1) !== viseme) visemes.push(viseme);
  };
  for (let index = 0; index < characters.length;) {
    const one = characters[index] ?? '';
    const pair = visemeByPhoneme.get(one + (characters[index + 1] ?? ''));
    const viseme = pair ?? visemeByPhoneme.get(one);
    if (viseme === undefined && one !== '|' && one !== ' ') unknown.push(one);
    add(viseme ?? 'sil');
    index += pair !== undefined && index + 1 < characters.length ? 2 : 1;
  }
  return { visemes: visemes.length > 0 ? visemes : ['sil'], unknown };
}
