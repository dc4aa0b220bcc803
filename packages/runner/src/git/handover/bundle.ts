import { open, rm } from 'node:fs/promises';
import { type GitOptions, git } from '../run.ts';

/** Maximum size of the header, which has a line for each commit that the reader must already have. */
const MOST_HEADER_BYTES = 1024 * 1024;

const SIGNATURE = '# v2 git bundle\n';

/** Bytes at the start of a pack: a signature, the version, and the number of objects. */
const PACK_HEADER_BYTES = 12;

/**
 * Writes a new bundle with one commit, as `git bundle create` does.
 * @param path a file that does not exist.
 * @param ref name of the commit in the bundle.
 * @param known commits that every reader has.
 * @returns `false` if that includes the commit. There is no file then.
 */
export async function writeBundle(
  path: string,
  ref: string,
  commit: string,
  known: readonly string[],
  options: GitOptions,
): Promise<boolean> {
  const file = await open(path, 'wx+');
  try {
    const needed = known.map((id) => `-${id}\n`).join('');
    const { bytesWritten } = await file.write(`${SIGNATURE}${needed}${commit} ${ref}\n\n`);
    const input = [commit, ...known.map((id) => `^${id}`), ''].join('\n');
    const pack = ['pack-objects', '--stdout', '--thin', '--delta-base-offset', '--quiet'];
    await git(pack, { ...options, input, output: file.fd });
    const header = await file.read(Buffer.alloc(PACK_HEADER_BYTES), 0, undefined, bytesWritten);
    if (header.buffer.readUInt32BE(8) > 0) return true;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rm(path);
  return false;
}

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
