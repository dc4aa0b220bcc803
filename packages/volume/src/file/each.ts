import pLimit from 'p-limit';

/** Directories that one reader has open at a time, with up to three file descriptors each. */
const AT_ONCE = 16;

/** Maps items to results in the same order, a few at a time. */
export async function mapFew<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  return pLimit(AT_ONCE).map(items, work);
}
