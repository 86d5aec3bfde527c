/** What Chromium tells of itself while a page works: memory of its JavaScript, and the tasks of its main thread. */
import type { Browser, CDPSession, Page } from 'playwright-core';

const SAMPLE_INTERVAL_MS = 50;

/** JavaScript objects and the memory behind array buffers, in bytes, once garbage was collected. */
export async function restingHeapByteLength(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const byteLength = await heapByteLength(session);
  await session.detach();
  return byteLength;
}

/** As above, with what is garbage by now. */
async function heapByteLength(session: CDPSession): Promise<number> {
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
  return usedSize + backingStorageSize;
}

/** Runs `work` and tells the largest JavaScript heap of the page meanwhile, in bytes. */
export async function withPeakHeap<T>(
  page: Page,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly peakByteLength: number }> {
  const session = await page.context().newCDPSession(page);
  let peakByteLength = 0;
  let isDone = false;
  const sampling = (async () => {
    while (!isDone) {
      peakByteLength = Math.max(peakByteLength, await heapByteLength(session));
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS));
    }
  })();
  try {
    return { value: await work(), peakByteLength };
  } finally {
    isDone = true;
    await sampling;
    await session.detach();
  }
}

interface ChromiumEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** Runs `work` under the browser's tracing and tells the longest tasks of the page's main thread, in milliseconds. */
export async function withMainThreadTasks<T>(
  browser: Browser,
  page: Page,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly longestMilliseconds: readonly number[] }> {
  await browser.startTracing(page, {
    categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'],
  });
  let value: T;
  let trace: Buffer;
  try {
    value = await work();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly ChromiumEvent[] };
  const mainThreads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const tasks = traceEvents
    .filter(({ name, pid, tid }) => name.endsWith('RunTask') && mainThreads.has(`${pid} ${tid}`))
    .map(({ dur = 0 }) => dur / 1000)
    .sort((a, b) => b - a);
  if (tasks.length === 0) throw new Error('the trace holds no task of a main thread: nothing was measured');
  return { value, longestMilliseconds: tasks.slice(0, 5) };
}
