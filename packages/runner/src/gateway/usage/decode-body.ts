import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = constants;

/** Decoders that give out what they have with each chunk, or events would wait for one another. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ flush: Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ flush: Z_SYNC_FLUSH }),
  deflate: () => createInflate({ flush: Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ flush: ZSTD_e_flush }),
};

/**
 * A stage that undoes a reply's compression. The gateway asks for none; some gateways of companies
 * compress all the same.
 * @returns `undefined` where there is nothing to undo.
 * @throws for a coding that cannot be read: such a reply would pass uncounted.
 */
export function decoderFor(encoding: string | undefined): Transform | undefined {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return undefined;
  const make = DECODERS[name];
  if (make === undefined) throw new Error(`the API answered in an unknown coding, ${name}`);
  return make();
}
