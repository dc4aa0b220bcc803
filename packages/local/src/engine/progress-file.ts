import { basename, dirname } from 'node:path';
import { readUntrustedFile } from '../pod/read-untrusted-file.ts';

/** Longer than any `N/M`. */
const MAX_BYTES = 64;

/** The progress that a pod reports about itself, `done/total`; undefined while it reports none. */
export function readProgress(path: string): string | undefined {
  const limit = { maxBytes: MAX_BYTES, ifLonger: 'nothing' } as const;
  const text = readUntrustedFile(dirname(path), [basename(path)], limit)?.trim() ?? '';
  return /^\d{1,9}\/[1-9]\d{0,8}$/.test(text) ? text : undefined;
}
