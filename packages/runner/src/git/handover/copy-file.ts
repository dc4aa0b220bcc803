import { createHash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Why a file was not copied. */
export type CopyProblem = 'absent' | 'not-a-regular-file' | 'too-large';

export interface Copied {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Copies a file that an agent wrote to a place where the agent can no longer change it. Symbolic
 * links, pipes and devices are refused, and bytes that are appended during the copy are left out.
 * @returns what was copied, or why nothing was.
 */
export async function copyUntrusted(
  source: string,
  target: string,
  maxBytes: number,
): Promise<Copied | CopyProblem> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file: FileHandle;
  try {
    file = await open(source, flags);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'not-a-regular-file';
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) return 'not-a-regular-file';
    if (stat.size > maxBytes) return 'too-large';
    return await copyBytes(file, target, stat.size);
  } finally {
    await file.close();
  }
}

async function copyBytes(file: FileHandle, target: string, size: number): Promise<Copied> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new PassThrough();
  counted.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  const to = createWriteStream(target, { flags: 'wx', mode: 0o600 });
  if (size === 0) to.end();
  else {
    const from = file.createReadStream({ start: 0, end: size - 1, autoClose: false });
    await pipeline(from, counted, to);
  }
  return { bytes, sha256: hash.digest('hex') };
}
