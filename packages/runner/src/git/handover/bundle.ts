import { open } from 'node:fs/promises';

/** Maximum size of the header, which has a line for each commit that the reader must already have. */
const MOST_HEADER_BYTES = 1024 * 1024;

const SIGNATURE = '# v2 git bundle\n';

export interface BundleHeader {
  /** Commit ids by ref name. */
  readonly refs: ReadonlyMap<string, string>;
  /** Byte offset of the pack. */
  readonly packStart: number;
}

/**
 * Reads the header of a bundle (gitformat-bundle, version 2). This is not left to `git fetch`: it
 * reads a file that is not a bundle as a pointer to another repository, and fetches from there.
 * @returns `undefined` when the file is not such a bundle.
 */
export async function readBundleHeader(path: string): Promise<BundleHeader | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_HEADER_BYTES), 0);
    const start = buffer.subarray(0, bytesRead);
    const end = start.indexOf('\n\n');
    if (end === -1) return undefined;
    const text = start.subarray(0, end + 1).toString();
    if (!text.startsWith(SIGNATURE)) return undefined;
    const refs = new Map<string, string>();
    for (const line of text.slice(SIGNATURE.length).split('\n').slice(0, -1)) {
      const [, missing, commit = '', name = ''] = /^(-?)([0-9a-f]{40,64}) ?(.*)$/.exec(line) ?? [];
      if (commit === '') return undefined;
      if (missing === '') refs.set(name, commit);
    }
    return { refs, packStart: end + 2 };
  } finally {
    await file.close();
  }
}
