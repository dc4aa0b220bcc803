import pLimit from 'p-limit';

/** Directories that are open at a time for one reader, each with a descriptor or three. */
const AT_ONCE = 16;

/** Does something for each item, for a few at a time; the results in the items' order. */
export async function mapFew<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  return pLimit(AT_ONCE).map(items, work);
}
