/** A file that is listed. */
export interface OutputFile {
  /** Below the output, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

export interface OutputFiles {
  /** Sorted by path. */
  readonly files: readonly OutputFile[];
  /** Whether there are more files or levels than were searched. */
  readonly cut: boolean;
}

/** The files that a team produced, on this machine or on a volume of a cluster. Agents could write to them. */
export interface ResultFiles {
  /** Where they are, for a person. */
  readonly place: string;
  list(): Promise<OutputFiles>;
  /** @throws Failure for a file that has disappeared or is not a plain file. */
  open(path: string): Promise<ResultFile>;
}

/** A file from which a copy is made. */
export interface ResultFile {
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Reads a part: fewer bytes than {@link PART_BYTES} only at the end of the file. */
  read(offset: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Bytes that are read at a time. */
export const PART_BYTES: number = 4_194_304; // 4 Mi
