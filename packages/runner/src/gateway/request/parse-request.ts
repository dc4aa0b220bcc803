import { isUtf8 } from 'node:buffer';
import { BadRequestError } from './bad-request.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A request as the agent sent it. */
export interface ParsedRequest {
  readonly bytes: Buffer;
  readonly text: string;
  readonly fields: Fields;
}

/**
 * Parses a request's JSON. The gateway forwards the parsed value, serialised again: otherwise the API
 * could read duplicate keys, unusual escapes or huge numbers differently than the checks did.
 * @throws BadRequestError when the bytes are not a JSON object in UTF-8.
 */
export function parseRequest(bytes: Buffer): ParsedRequest {
  if (!isUtf8(bytes)) throw new BadRequestError('the request is not valid UTF-8');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadRequestError('the request is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequestError('the request is not a JSON object');
  }
  return { bytes, text, fields: value as Fields };
}

/**
 * Serialises a request.
 * @param given the original request, whose bytes are used again if nothing has changed.
 * @throws BadRequestError when the request is nested too deeply.
 */
export function writeRequest(fields: Fields, given: ParsedRequest): Buffer {
  try {
    const text = JSON.stringify(fields);
    return text === given.text ? given.bytes : Buffer.from(text);
  } catch {
    // JSON.stringify recurses; JSON.parse does not.
    throw new BadRequestError('the request is nested too deeply');
  }
}

/** The messages of a request's conversation. */
export function messagesOf({ messages }: Fields): readonly unknown[] {
  return Array.isArray(messages) ? messages : [];
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
