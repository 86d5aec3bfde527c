/** The summary of a model in words, for pages and terminals. Pure. */
import type { ModelTask } from './model-tasks.ts';
import type { DtypeFit, ModelSummary } from './model-summary.ts';

/** One line: what it is about, and what is known. */
export type SummaryRow = readonly [label: string, value: string];

export interface SummaryWords {
  /** Whether the model runs on this adapter. */
  readonly level: 'yes' | 'no' | 'unknown';
  /** One sentence. */
  readonly verdict: string;
  readonly rows: readonly SummaryRow[];
}

const SHOWN_NAMES = 12;

/** `fra, deu and 1160 more`. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).join(', ');
  return names.length > SHOWN_NAMES ? `${shown} and ${names.length - SHOWN_NAMES} more` : shown;
}

/** `3.4 MB`, `1.26 GB`: decimal units, as browsers and file managers count. */
function decimalBytes(byteLength: number): string {
  if (byteLength >= 1e9) return `${(byteLength / 1e9).toFixed(2)} GB`;
  return `${(byteLength / 1e6).toFixed(byteLength < 1e7 ? 1 : 0)} MB`;
}

/** Verdict first; rows in the order in which people ask. */
export function describeSummary(summary: ModelSummary): SummaryWords {
  const { fit, weights, languages, language, labels, labelCount, tokenCount } = summary;
  const spoken = languages.length === 0 ? 'not stated' : someOf(languages);
  const chosen =
    languages.length > 1 && language !== undefined ? `; ${language} unless another is chosen` : '';
  const rows: readonly SummaryRow[] = [
    ['Type', summary.model_type],
    ['Class', summary.className],
    ['Task', summary.task.title],
    ['Pipeline', summary.task.pipeline ?? 'none: the class itself runs it'],
    [languages.length > 1 ? 'Languages' : 'Language', spoken + chosen],
    ...(tokenCount === undefined
      ? []
      : ([['Vocabulary', `${tokenCount} tokens${summary.isPhonemes ? ' (phonemes)' : ''}`]] as const)),
    ...(labelCount === undefined
      ? []
      : ([['Labels', labels.length === 0 ? `${labelCount}, without names` : someOf(labels)]] as const)),
    ['Parameters', `${(summary.parameterCount / 1e6).toFixed(summary.parameterCount < 1e7 ? 1 : 0)} M`],
    [
      'To download',
      weights === undefined
        ? 'there are no weights'
        : `${decimalBytes(weights.byteLength)} (${someOf(weights.fileNames)})`,
    ],
    ...(fit.status === 'done' ? fit.value.dtypes.map(dtypeRow) : []),
    ...(fit.status === 'done'
      ? ([['Longest clip in one piece', clipLength(fit.value.longestClipSeconds, summary.task)]] as const)
      : []),
  ];
  return { ...verdictOf(summary), rows };
}

const dtypeRow = ({ dtype, weightByteLength, clips }: DtypeFit): SummaryRow => [
  `GPU memory, ${dtype}`,
  [
    `${decimalBytes(weightByteLength)} of weights`,
    ...clips.flatMap((clip) =>
      clip.status === 'done'
        ? `${decimalBytes(clip.value.byteLength)} with ${clip.value.seconds} s of audio`
        : [],
    ),
  ].join(', '),
];

const clipLength = (seconds: number, { pipeline }: ModelTask): string => {
  if (seconds >= 3600) return 'an hour or more';
  return pipeline === 'automatic-speech-recognition'
    ? `${seconds} s; longer audio needs chunk_length_s`
    : `${seconds} s`;
};

function verdictOf({ fit, weights }: ModelSummary): Omit<SummaryWords, 'rows'> {
  if (weights === undefined)
    return { level: 'no', verdict: 'No: the model has no weights that the engine reads.' };
  if (fit.status === 'failed') return { level: 'unknown', verdict: `Not clear: ${fit.error.message}` };
  const { adapter, dtypes, longestClipSeconds } = fit.value;
  const fitting = dtypes.filter(({ weightsFit }) => weightsFit);
  const [first] = fitting;
  if (first === undefined || longestClipSeconds < 1)
    return { level: 'no', verdict: `No: the model does not fit the limits of this adapter (${adapter}).` };
  const least = fitting.reduce((a, b) => (b.weightByteLength < a.weightByteLength ? b : a));
  const sizes = [...new Set([first, least])].map(
    ({ dtype, weightByteLength }) => `${decimalBytes(weightByteLength)} as ${dtype}`,
  );
  const verdict = `Yes, if the GPU has room for its weights: ${sizes.join(', or ')}.`;
  const refused = dtypes.filter(({ weightsFit }) => !weightsFit).map(({ dtype }) => dtype);
  return {
    level: 'yes',
    verdict:
      refused.length === 0
        ? verdict
        : `${verdict} Not as ${refused.join(' or ')}: its buffers are too small.`,
  };
}

/** The summary as text: the verdict, then a line for each fact. */
export function formatModelSummary(summary: ModelSummary): string {
  const { verdict, rows } = describeSummary(summary);
  return [verdict, '', ...rows.map(([label, value]) => `- ${label}: ${value}`), ''].join('\n');
}
