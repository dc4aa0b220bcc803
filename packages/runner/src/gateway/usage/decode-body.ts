import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH, ZSTD_e_flush } = constants;

/** Decoders that flush after each chunk, so that no event is delayed. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ flush: Z_SYNC_FLUSH }),
  'x-gzip': () => createGunzip({ flush: Z_SYNC_FLUSH }),
  deflate: () => createInflate({ flush: Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH }),
  zstd: () => createZstdDecompress({ flush: ZSTD_e_flush }),
};

/**
 * A stream that decompresses a reply. The gateway asks for uncompressed replies, but some company
 * gateways compress them anyway.
 * @returns `undefined` when the reply is not compressed.
 * @throws Error for an unknown encoding: the reply's cost could not be counted.
 */
export function decoderFor(encoding: string | undefined): Transform | undefined {
  const name = (encoding ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return undefined;
  const make = DECODERS[name];
  if (make === undefined) throw new Error(`the API answered with the unknown encoding ${name}`);
  return make();
}
