import type { RequestTrace } from './request-trace.ts';

/** A directory of the ledger, with a directory for each agent whose replies are recorded. */
export const RECORDINGS = 'recordings';

/** The end of the names of the files with a {@link RecordingMeta}: `<number>.meta.json`. */
export const META_SUFFIX = '.meta.json';

/** The file next to the body of a recorded reply. */
export interface RecordingMeta {
  readonly v: 1;
  readonly agent: string;
  /** The position among the agent's requests, from 1. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly request: {
    readonly model?: string;
    /** The number of messages in the conversation. */
    readonly messages?: number;
    /** Absent in old recordings. */
    readonly trace?: RequestTrace;
  };
  /** The HTTP status of the reply. */
  readonly status: number;
  /** The headers that the CLI reads. */
  readonly headers: Readonly<Record<string, string>>;
  /** The file of the reply's body, in the same directory: `<number>.sse` or `<number>.json`. */
  readonly body: string;
}
