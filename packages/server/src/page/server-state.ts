/** What the page says of the server, from its metrics. Pure. */

/** The value of a metric without labels, in the text that Prometheus reads. */
export function valueOf(metrics: string, name: string): number | undefined {
  const line = metrics.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  const value = line === undefined ? Number.NaN : Number(line.slice(name.length));
  return Number.isFinite(value) ? value : undefined;
}

export function queueText(jobCount: number | undefined, audioSeconds: number | undefined): string {
  if (jobCount === undefined || audioSeconds === undefined) return '–';
  return audioSeconds === 0 ? 'nothing' : `${jobCount} behind, ${audioSeconds.toFixed(0)} s of sound`;
}

export const speedText = (speed: number | undefined): string =>
  speed === undefined || speed === 0
    ? '–'
    : `${speed >= 10 ? speed.toFixed(0) : speed.toFixed(1)} × as fast as sound plays`;
