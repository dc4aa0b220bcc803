import { join } from 'node:path';

/** The Git LFS specification limits pointer files to less than this. */
export const MAX_POINTER_BYTES = 1024;

/** What is committed in place of a large file (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
export interface Pointer {
  /** SHA-256 of the content. */
  readonly id: string;
  /** In bytes. */
  readonly size: number;
}

const POINTER =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,15})$/gm;

/** @param text the contents of any number of pointer files. */
export function readPointers(text: string): readonly Pointer[] {
  return [...text.matchAll(POINTER)].map(([, id = '', size]) => ({ id, size: Number(size) }));
}

/** The path at which Git LFS stores a file in a repository. */
export function storedAt(repository: string, id: string): string {
  return join(repository, 'lfs', 'objects', id.slice(0, 2), id.slice(2, 4), id);
}
