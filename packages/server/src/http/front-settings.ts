/** What the front is told at its start; `unispeech-server --help` says the same in words. */

export interface FrontSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Empty: no key is asked for, and only this machine may connect. */
  readonly apiKeys: readonly string[];
  /** Allows another host than this machine without a key. */
  readonly isInsecure: boolean;
  /** Origins of pages that may call this server, beside its own. */
  readonly corsOrigins: readonly string[];
  /** Further names of models: name → id. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The model for every name that is not known; undefined: such names are errors. */
  readonly modelForAnyName: string | undefined;
  readonly maxUploadBytes: number;
  readonly maxOpenUploads: number;
  /** Bytes of uploads that lie in the spool at once. */
  readonly maxSpoolBytes: number;
  readonly maxAudioSeconds: number | undefined;
  /** An upload that brings no byte for so long has stalled. */
  readonly stallMilliseconds: number;
  /** Connections without a request are kept for so long: longer than proxies in front keep theirs. */
  readonly keepAliveTimeoutMilliseconds: number;
  readonly deadlineMilliseconds: number;
  /** JSON that takes longer gets spaces before it, as clients give up without a header for 5 minutes. */
  readonly paddingAfterMilliseconds: number;
  /** Between two spaces, and between two comments of an event stream. */
  readonly beatMilliseconds: number;
  /** What this front keeps of uploads: a folder of its own. */
  readonly spoolFolder: string;
  readonly jobsFolder: string;
  readonly jobTtlMilliseconds: number;
  readonly maxJobs: number;
  readonly jobsAtOnce: number;
  /** False where they have a port of their own. */
  readonly servesMetrics: boolean;
  /** Whether log lines hold the names of files. */
  readonly logsNames: boolean;
}

const GIBIBYTE = 1024 ** 3;

export type NeededSettings = Pick<FrontSettings, 'spoolFolder' | 'jobsFolder'>;

/** @param settings folders, and what differs from the defaults. */
export const frontSettings = (settings: NeededSettings & Partial<FrontSettings>): FrontSettings => ({
  host: '127.0.0.1',
  port: 8080,
  apiKeys: [],
  isInsecure: false,
  corsOrigins: [],
  aliases: new Map(),
  modelForAnyName: undefined,
  maxUploadBytes: GIBIBYTE,
  maxOpenUploads: 64,
  maxSpoolBytes: 8 * GIBIBYTE,
  maxAudioSeconds: undefined,
  stallMilliseconds: 30_000,
  keepAliveTimeoutMilliseconds: 75_000,
  deadlineMilliseconds: 600_000,
  paddingAfterMilliseconds: 240_000,
  beatMilliseconds: 15_000,
  jobTtlMilliseconds: 24 * 3_600_000,
  maxJobs: 1000,
  jobsAtOnce: 4,
  servesMetrics: true,
  logsNames: false,
  ...settings,
});
