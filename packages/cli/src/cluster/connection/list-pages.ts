import type { Connection } from './connection.ts';
import { requestFailure } from './errors.ts';
import { getBytes, TooLargeError } from './get-bytes.ts';

/** Objects of a page. With large objects, pages have fewer. */
const MOST_OBJECTS = 500;
/** Bytes of a page, and of all pages. An object has at most about 3 MiB. */
const PAGE_BYTES = 8_388_608; // 8 Mi
const ALL_BYTES = 67_108_864; // 64 Mi
const WITHIN_MS = 60_000;

export interface Page<T> {
  readonly items: readonly T[];
  /** Whether there are more objects that are not listed, because there are too many bytes of them. */
  readonly isCut: boolean;
}

interface List<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly continue?: string };
}

/**
 * Lists objects page by page, so that whoever lists them needs the memory of one page, although others may create
 * as many and as large ones as they like.
 * @param path of the objects on the API server.
 * @throws Failure when a request fails.
 */
export async function* listPages<T>(connection: Connection, path: string): AsyncIterable<Page<T>> {
  let most = MOST_OBJECTS;
  let read = 0;
  let next = '';
  for (;;) {
    const query = new URLSearchParams({ limit: `${most}`, ...(next !== '' && { continue: next }) });
    const request = { path: `${path}?${query}`, withinMs: WITHIN_MS, maxBytes: PAGE_BYTES };
    const bytes = await getBytes(connection, request).catch((error: unknown) => {
      if (error instanceof TooLargeError && most > 1) return undefined;
      throw requestFailure(error, connection.server);
    });
    read += bytes?.length ?? PAGE_BYTES;
    if (bytes === undefined) {
      most = Math.ceil(most / 8);
      continue;
    }
    const { items, metadata } = JSON.parse(bytes.toString('utf8')) as List<T>;
    next = metadata?.continue ?? '';
    const isLast = next === '' || read >= ALL_BYTES;
    yield { items, isCut: isLast && next !== '' };
    if (isLast) return;
  }
}
