import type { IncomingMessage } from 'node:http';
import { joined } from '../http/headers.ts';
import { BadRequestError } from './bad-request.ts';
import type { BodyMemory } from './body-memory.ts';

/** The API's limit for one request. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface HeldBody {
  readonly bytes: Buffer;
  /** Call this when the bytes are no longer needed. */
  readonly release: () => void;
}

/**
 * Reads a whole request body.
 * @throws BadRequestError when it is too large, compressed, or not in UTF-8.
 */
export async function readBody(request: IncomingMessage, memory: BodyMemory): Promise<HeldBody> {
  const announced = Number(request.headers['content-length'] ?? MAX_BYTES);
  const release = await memory.take(Math.min(announced, MAX_BYTES));
  try {
    const { chunks, length } = await chunksOf(request);
    checkEncoding(request);
    if (length > MAX_BYTES) {
      throw new BadRequestError('the request is larger than the API allows', 413);
    }
    return { bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The parts of a request, as far as they are within the limit, and the length of all. */
async function chunksOf(request: IncomingMessage) {
  const chunks: Buffer[] = [];
  let length = 0;
  // Events take far less time than the iterator of the request.
  await new Promise<void>((resolve, reject) => {
    const onClose = () => reject(new Error('the agent has closed the connection'));
    // The agent may have closed it while the request waited for memory.
    if (request.destroyed) return onClose();
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      // Read the rest too: closing the connection early would lose the answer.
      if (length <= MAX_BYTES) chunks.push(chunk);
    });
    request.once('end', () => {
      request.off('close', onClose);
      resolve();
    });
    request.once('error', reject);
    request.once('close', onClose);
  });
  return { chunks, length };
}

/** The API might read other encodings differently than the gateway. @throws BadRequestError */
function checkEncoding({ headers }: IncomingMessage): void {
  const transfer = joined(headers['transfer-encoding'])?.trim().toLowerCase() ?? 'chunked';
  const coding = joined(headers['content-encoding'])?.trim().toLowerCase() ?? '';
  if (transfer !== 'chunked' || (coding !== '' && coding !== 'identity')) {
    throw new BadRequestError('the request is compressed; send it uncompressed', 415);
  }
  const type = joined(headers['content-type']) ?? '';
  const charset = /;\s*charset\s*=\s*"?([^";,\s]*)/i.exec(type)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new BadRequestError('the request is not in UTF-8; send it as application/json', 415);
  }
}
