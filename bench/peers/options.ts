/** The command line of `npm run bench -- peers`. */
import { PEER_NAMES, VENUE_NAMES, type PeerName, type VenueName } from './results.ts';
import { count, list, positive } from '../lib/option-values.ts';
import { suiteOptions } from '../lib/suite-options.ts';

export interface PeersOptions {
  readonly venues: readonly VenueName[];
  readonly peers: readonly PeerName[];
  /** Only workloads whose name holds this. */
  readonly only: string;
  readonly rounds: number;
  /** Audio of the whole model. */
  readonly seconds: number;
  /** A run that takes longer is named, not timed. */
  readonly limitSeconds: number;
  readonly python: string | undefined;
  readonly jsonFile: string | undefined;
  readonly markdown: boolean;
}

const DEFAULT_LIMIT_SECONDS = 60;
/** This engine alone, with its control. */
const NO_PEERS = 'none';

export const HELP = `The same work in this engine and in its peers: results checked first, then timed in interleaved rounds.

Usage: npm run bench -- peers [options]
  --venue LIST       of ${VENUE_NAMES.join(', ')} (default both)
  --engines LIST     peers, of ${PEER_NAMES.join(', ')} (default all), or none
  --only TEXT        only workloads whose name holds this text
  --rounds N         timings of each engine, interleaved (default 7)
  --seconds N        length of audio for the whole model (default 1)
  --limit-s N        engines that take longer for one run are named but not timed (default ${DEFAULT_LIMIT_SECONDS})
  --python PATH      a Python with bench/peers/requirements.txt, to export the model for ONNX Runtime where it is missing
  --json FILE        also write everything measured
  --markdown         print the block for bench/RESULTS.md instead of plain tables
`;

const OPTIONS = {
  venue: { type: 'string', default: VENUE_NAMES.join(',') },
  engines: { type: 'string', default: PEER_NAMES.join(',') },
  only: { type: 'string', default: '' },
  rounds: { type: 'string', default: '7' },
  seconds: { type: 'string', default: '1' },
  'limit-s': { type: 'string', default: String(DEFAULT_LIMIT_SECONDS) },
  python: { type: 'string' },
  json: { type: 'string' },
  markdown: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** @returns undefined where help is asked for. @throws BenchUsageError. */
export function parseOptions(argv: readonly string[]): PeersOptions | undefined {
  const values = suiteOptions(argv, OPTIONS);
  if (values.help) return undefined;
  return {
    venues: list('--venue', values.venue, VENUE_NAMES),
    peers: values.engines === NO_PEERS ? [] : list('--engines', values.engines, PEER_NAMES),
    only: values.only,
    rounds: count('--rounds', values.rounds),
    seconds: positive('--seconds', values.seconds),
    limitSeconds: positive('--limit-s', values['limit-s']),
    python: values.python,
    jsonFile: values.json,
    markdown: values.markdown,
  };
}

/** The command that gives the same measurement, without what is particular to a machine. */
export function formatCommand({ venues, peers, only, rounds, seconds, limitSeconds }: PeersOptions): string {
  return [
    'npm run bench -- peers',
    `--venue ${venues.join(',')}`,
    ...(peers.length === PEER_NAMES.length ? [] : [`--engines ${peers.join(',') || NO_PEERS}`]),
    ...(only === '' ? [] : [`--only "${only}"`]),
    `--rounds ${rounds}`,
    `--seconds ${seconds}`,
    ...(limitSeconds === DEFAULT_LIMIT_SECONDS ? [] : [`--limit-s ${limitSeconds}`]),
  ].join(' ');
}
