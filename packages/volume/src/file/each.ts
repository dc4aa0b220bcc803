import pLimit from 'p-limit';

/** Directories that one reader has open at a time, with up to three file descriptors each. */
const AT_ONCE = 16;

/**
 * Maps items to results in the same order, a few at a time.
 * @param atOnce fewer for files of several megabytes.
 */
export async function mapFew<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  atOnce: number = AT_ONCE,
): Promise<readonly R[]> {
  return pLimit(atOnce).map(items, work);
}
