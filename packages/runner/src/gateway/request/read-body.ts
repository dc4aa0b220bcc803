import type { IncomingMessage } from 'node:http';
import { joined } from '../headers.ts';
import { BadRequestError } from './bad-request.ts';
import type { BodyRoom } from './body-room.ts';

/** The API's own limit on a request. */
const LARGEST = 32 * 1024 * 1024;

export interface HeldBody {
  readonly bytes: Buffer;
  /** To be called when the bytes are no longer needed. */
  readonly release: () => void;
}

/** Reads a whole request. @throws BadRequestError for one that is too large, or is not plain JSON. */
export async function readBody(request: IncomingMessage, room: BodyRoom): Promise<HeldBody> {
  const announced = Number(request.headers['content-length'] ?? LARGEST);
  const release = await room.take(Math.min(announced, LARGEST));
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      // Read to its end all the same: a connection that is closed on it would take the answer with it.
      if (length <= LARGEST) chunks.push(chunk);
    }
    checkEncoding(request);
    if (length > LARGEST) {
      throw new BadRequestError('the request is larger than the API allows', 413);
    }
    return { bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** What cannot be read here, the API could read in another way. @throws BadRequestError */
function checkEncoding({ headers }: IncomingMessage): void {
  const transfer = joined(headers['transfer-encoding'])?.trim().toLowerCase() ?? 'chunked';
  const coding = joined(headers['content-encoding'])?.trim().toLowerCase() ?? '';
  if (transfer !== 'chunked' || (coding !== '' && coding !== 'identity')) {
    throw new BadRequestError('the request is compressed; send it as it is', 415);
  }
  const type = joined(headers['content-type']) ?? '';
  const charset = /;\s*charset\s*=\s*"?([^";,\s]*)/i.exec(type)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw new BadRequestError('the request is not in UTF-8; send it as application/json', 415);
  }
}
