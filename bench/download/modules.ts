/** Which source files hold what was never called. */
import { SourceMap, type SourceMapPayload } from 'node:module';
import { type CoveredScript, neverRun, type Span, without, zippedByteLength } from './spans.ts';

/** Bytes of minified code in functions of a source file that were never called. */
export interface NeverCalled {
  readonly byteLength: number;
  /** How much smaller its script would be after gzip without them, and with all else. */
  readonly zippedByteLength: number;
}

/**
 * @param mapOf the text of a script's source map; scripts without one are left out.
 * @returns source file → what it has. A file is in one script. Files in which everything was called are left out.
 */
export function neverCalledByModule(
  scripts: readonly CoveredScript[],
  mapOf: (script: CoveredScript) => string | undefined,
): ReadonlyMap<string, NeverCalled> {
  return new Map(
    scripts.flatMap((script) => {
      const { source } = script;
      const map = mapOf(script);
      if (map === undefined) return [];
      const whole = zippedByteLength(source);
      const spans = neverRun(script, 'functions');
      return Array.from(
        groupByModule(spans, source, map),
        ([module, own]) =>
          [
            module,
            {
              byteLength: own.reduce(
                (sum, { start, end }) => sum + Buffer.byteLength(source.slice(start, end)),
                0,
              ),
              zippedByteLength: whole - zippedByteLength(without(source, own)),
            },
          ] as const,
      );
    }),
  );
}

function groupByModule(
  spans: readonly Span[],
  source: string,
  mapText: string,
): ReadonlyMap<string, readonly Span[]> {
  const map = new SourceMap(JSON.parse(mapText) as SourceMapPayload);
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    const before = source.slice(0, span.start).split('\n');
    const found = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
    if (!('originalSource' in found)) throw new Error('a function of no source file was never called');
    const group = groups.get(found.originalSource);
    if (group) group.push(span);
    else groups.set(found.originalSource, [span]);
  }
  return groups;
}
