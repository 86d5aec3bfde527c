/** Runs one mutant and says what came of it. Everything but a right result or an error on purpose is a fault. */
import { UniSpeechError, type ErrorCode } from '../../src/base/errors.ts';
import { UsageError } from '../../src/cli/words.ts';
import { type Mutant, WrongResult } from './target.ts';

export const LIMITS = {
  /** Of one mutant. */
  milliseconds: 2000,
  /** That one mutant may add to the process. */
  memoryByteLength: 256 * 2 ** 20,
  /** That all mutants so far may leave behind, after garbage collection. */
  keptByteLength: 300e6,
  messageLength: 400,
} as const;

const CODES: Readonly<Record<ErrorCode, true>> = {
  'no-webgpu': true,
  'no-adapter': true,
  'no-device': true,
  'device-lost': true,
  'limit-exceeded': true,
  'shader-failed': true,
  'out-of-memory': true,
  'bad-config': true,
  'bad-checkpoint': true,
  'bad-input': true,
  'bad-audio': true,
  'bad-option': true,
  'not-found': true,
  network: true,
  busy: true,
  disposed: true,
  'worker-failed': true,
  'no-microphone': true,
  unsupported: true,
  'too-short': true,
  'no-path': true,
  'unknown-character': true,
};

/** In this order in the files that a child writes: the position is the byte. 0 is a mutant that was not run. */
export const OUTCOMES = [
  '',
  'under way',
  'fault',
  'result',
  'warning',
  'usage',
  ...Object.keys(CODES),
] as const;
export const UNDER_WAY = 1;

export interface Judgement {
  /** One of `OUTCOMES`. */
  readonly outcome: string;
  /** What is wrong, in one line; only of faults. */
  readonly fault?: string;
  /** Of a refusal. */
  readonly message?: string;
}

/** @param make the mutant, afresh: it is run twice where the first run was slow, as another process may have been the cause. */
export async function judge(make: () => Mutant): Promise<Judgement> {
  const first = await runOnce(make());
  if (first.milliseconds <= LIMITS.milliseconds || first.verdict.fault !== undefined) return first.verdict;
  const second = await runOnce(make());
  const milliseconds = Math.min(first.milliseconds, second.milliseconds);
  if (milliseconds <= LIMITS.milliseconds) return second.verdict;
  return {
    outcome: 'fault',
    fault: `slow: ${Math.round(milliseconds)} ms (then: ${first.verdict.message ?? first.verdict.outcome})`,
  };
}

async function runOnce(mutant: Mutant): Promise<{ verdict: Judgement; milliseconds: number }> {
  const residentBefore = process.memoryUsage.rss();
  const peakBefore = peakResident();
  const start = performance.now();
  const verdict = await outcomeOf(mutant);
  const milliseconds = performance.now() - start;
  // Without a new peak of the process only what the mutant left behind is known.
  const peak = peakResident();
  const added = (peak > peakBefore ? peak : process.memoryUsage.rss()) - residentBefore;
  if (verdict.fault === undefined && added > LIMITS.memoryByteLength) {
    const then = verdict.message ?? verdict.outcome;
    return {
      verdict: { outcome: 'fault', fault: `memory: ${Math.round(added / 1e6)} MB (then: ${then})` },
      milliseconds,
    };
  }
  return { verdict, milliseconds };
}

const peakResident = (): number => process.resourceUsage().maxRSS * 1024;

async function outcomeOf(mutant: Mutant): Promise<Judgement> {
  try {
    return { outcome: await mutant.run() };
  } catch (error) {
    return judgeError(error);
  }
}

/** Whether an error is one that is thrown on purpose, and fit to be shown. */
export function judgeError(error: unknown): Judgement {
  if (error instanceof WrongResult) return { outcome: 'fault', fault: `wrong result: ${error.message}` };
  const isUsage = error instanceof UsageError;
  if (!isUsage && !(error instanceof UniSpeechError)) {
    const [line = '', where = ''] = (error instanceof Error ? (error.stack ?? '') : String(error)).split(
      /\n\s*/,
    );
    return {
      outcome: 'fault',
      fault: `not an error of the engine: ${line.slice(0, 300)} (${where.slice(0, 160)})`,
    };
  }
  const { message } = error;
  const code: string = isUsage ? 'usage' : error.code;
  const shown = JSON.stringify(message.slice(0, LIMITS.messageLength));
  const fault = (what: string): Judgement => ({ outcome: 'fault', fault: `${what}: ${code} ${shown}` });
  if (!isUsage && !Object.hasOwn(CODES, code)) return fault('a code that nobody knows');
  if (message.length > LIMITS.messageLength) return fault(`a message of ${message.length} characters`);
  if (message.trim() === '') return fault('an error without a message');
  // Line ends too: a message is one line, without a stack.
  if (/\p{Cc}|\u2028|\u2029/u.test(message)) return fault('control characters in a message');
  if (message.includes('[object Object]')) return fault('an object written out in a message');
  return { outcome: code, message };
}
