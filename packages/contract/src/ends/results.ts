/**
 * What a person's program asks `agentteam-runner results serve` in a pod that mounts a team's volumes read-only,
 * or `agentteam-runner results share` in the gateway of a running agent. Requests are JSON objects, one on each
 * line of standard input. Each is answered with a line of JSON, a {@link ResultsReply}, and the bytes that it
 * announces.
 */
export type ResultsRequest =
  /** The content is a {@link ResultsListing}. */
  | { readonly kind: 'list' }
  /** The content is a {@link ResultsFile}. */
  | { readonly kind: 'open'; readonly file: ResultsFileName }
  /** The content is a part of the file: fewer bytes at its end, none after it. */
  | {
      readonly kind: 'read';
      readonly file: ResultsFileName;
      readonly offset: number;
      /** At most {@link MOST_RESULTS_BYTES}. */
      readonly length: number;
    }
  /** The content is the `TeamDetail` of a team. */
  | {
      readonly kind: 'detail';
      /** The JSON of a `DetailSource` without what lies on the volumes. */
      readonly source: object;
    }
  /**
   * The content is a `Delta`: what has changed in the `VolumeReading` of a team since the last request of this
   * kind. No content if nothing has changed.
   */
  | {
      readonly kind: 'follow';
      /** The JSON of a `VolumeSource` without what lies on the volumes. */
      readonly source: object;
    }
  /** The content is a `TranscriptPage`. */
  | {
      readonly kind: 'transcript';
      readonly agent: string;
      /** The `next` of an earlier page; empty for the beginning. */
      readonly from: string;
      /** Entries of the page. */
      readonly limit: number;
    };

export type ResultsReply =
  | {
      /** Bytes of the content, which follows the line. */
      readonly length: number;
    }
  | {
      /** A sentence for the person. */
      readonly error: string;
    };

/** `path`: a file of the output. `bundle`: a git bundle with the branch of a coding team's result. */
export type ResultsFileName = { readonly path: string } | { readonly bundle: true };

export interface ResultsListing {
  /** Paths are below the output, with `/`. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Whether there are more files or levels than were searched. */
  readonly cut: boolean;
  /** Of a coding team's result; absent before the team has ended, and without a result. */
  readonly branch?: string;
}

export interface ResultsFile {
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Bytes of a file in one reply. */
export const MOST_RESULTS_BYTES: number = 4_194_304; // 4 Mi
