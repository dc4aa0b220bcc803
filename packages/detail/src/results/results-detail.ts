export type PreviewKind = 'text' | 'markdown' | 'csv' | 'image';

export interface ResultFile {
  /** Path below the output directory, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly preview?: {
    readonly kind: PreviewKind;
    /** The text; for an image its bytes in base64. */
    readonly text: string;
    /** Of an image: `image/png`. */
    readonly mediaType?: string;
    /** Whether the file has more than the preview shows. */
    readonly cut: boolean;
  };
}

export interface ResultsDetail {
  /** Where the results are, for a person: a path, or the name of a claim. */
  readonly place?: string;
  readonly files: readonly ResultFile[];
  /** Whether there are more files than these. */
  readonly cut: boolean;
}

export interface DiffDetail {
  /** An agent's name; absent for the merged result. */
  readonly agent?: string;
  readonly branch: string;
  /** Id of the commit that the work started from. */
  readonly base: string;
  /** Id of the last commit. */
  readonly head: string;
  readonly files: readonly {
    readonly path: string;
    /** Lines; absent for a binary file. */
    readonly added?: number;
    readonly removed?: number;
  }[];
  /** The change as a patch, shortened if it is long. */
  readonly patch?: string;
}

/** A quality gate, as its last round ended. */
export interface CheckDetail {
  /** `test`, `lint` or `validation`; empty for a line that is not one of the runner's. */
  readonly name: string;
  readonly command: string;
  readonly ok: boolean;
  /** Where the command was found, and how it ended: `package.json; exit code 1`. */
  readonly detail?: string;
}

export interface DeliveryDetail {
  readonly branch?: string;
  /** Of a pull request. */
  readonly url?: string;
  /** Of a pull request: `open`, `merged`, … */
  readonly state?: string;
  readonly commit?: string;
}
