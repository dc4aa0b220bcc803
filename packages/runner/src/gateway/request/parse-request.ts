import { isUtf8 } from 'node:buffer';
import { BadRequestError } from './bad-request.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A request as it came. */
export interface ParsedRequest {
  readonly bytes: Buffer;
  readonly text: string;
  readonly fields: Fields;
}

/**
 * Reads a request's JSON. The gateway sends on what it has read, written anew: duplicate keys, odd
 * escapes and huge numbers then mean to the API what they meant to the checks.
 * @throws BadRequestError
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

/** @param given as it came: most is written in the same way. @throws BadRequestError */
export function writeRequest(fields: Fields, given: ParsedRequest): Buffer {
  try {
    const text = JSON.stringify(fields);
    return text === given.text ? given.bytes : Buffer.from(text);
  } catch {
    // JSON.stringify recurses; JSON.parse does not.
    throw new BadRequestError('the request is nested too deeply');
  }
}

/** The conversation in a request. */
export function messagesOf({ messages }: Fields): readonly unknown[] {
  return Array.isArray(messages) ? messages : [];
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
