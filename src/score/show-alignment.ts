/** Alignments as people read them: the reference above the hypothesis. Pure. */
import type { EditBlock } from './edit-path.ts';
import type { ErrorRates } from './score.ts';

/**
 * Two lines for an utterance, and a third with `S`, `D` and `I` below its errors; what has no partner stands above or below stars. Without errors
 * there is no third line.
 * @param index of the utterance.
 */
export function showAlignment({ references, hypotheses, alignments, unit }: ErrorRates, index = 0): string {
  const [reference = [], hypothesis = [], blocks = []] = [
    references[index],
    hypotheses[index],
    alignments[index],
  ];
  const columns = blocks.flatMap((block) => columnsOf(block, reference, hypothesis));
  const between = unit === 'char' ? '' : ' ';
  const line = (name: string, part: 0 | 1 | 2): string =>
    `${name} ${columns.map((column) => column[part]).join(between)}`.trimEnd();
  const hasErrors = blocks.some(({ type }) => type !== 'equal');
  return [line('REF:', 0), line('HYP:', 1), ...(hasErrors ? [line('    ', 2)] : [])]
    .map((text) => `${text}\n`)
    .join('');
}

const MARKS = { equal: '', substitute: 'S', insert: 'I', delete: 'D' } as const;

type AlignedCell = readonly [reference: string, hypothesis: string, mark: string];

function columnsOf(
  block: EditBlock,
  reference: readonly string[],
  hypothesis: readonly string[],
): AlignedCell[] {
  const above = reference.slice(block.ref_start_idx, block.ref_end_idx);
  const below = hypothesis.slice(block.hyp_start_idx, block.hyp_end_idx);
  return Array.from({ length: Math.max(above.length, below.length) }, (_, index) => {
    const [first, second] = [above[index], below[index]];
    const width = Math.max(widthOf(first ?? ''), widthOf(second ?? ''));
    const cell = (token: string | undefined): string =>
      token === undefined ? '*'.repeat(width) : token + ' '.repeat(width - widthOf(token));
    return [cell(first), cell(second), MARKS[block.type].padEnd(width)];
  });
}

/** Marks on letters take no place of their own; wide letters are taken for single ones. */
const widthOf = (token: string): number => Array.from(token.replace(/\p{Mn}/gu, '')).length;
