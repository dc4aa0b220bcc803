import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';

/** The API's own limit on a request. */
const LARGEST = 32 * 1024 * 1024;

/** What the gateway needs to know of a request before it sends it. */
export interface RequestFacts {
  readonly model?: string;
  readonly maxTokens?: number;
  /** Messages in the conversation so far. */
  readonly messages?: number;
  /** `fast` at a higher price. */
  readonly speed?: string;
  /** Where it must be computed, at a higher price. */
  readonly geo?: string;
  /** The most web searches that the API may make for it. */
  readonly webSearches?: number;
}

/** Searches that a web search tool may make where the request sets no `max_uses`. */
const UNBOUNDED_SEARCHES = 25;

export class BodyTooLargeError extends Error {
  override readonly name: string = 'BodyTooLargeError';
}

/**
 * Looks at the beginning of a request without taking it: the rest streams through. The CLI writes the
 * model first; where it is not found, the reply will name it.
 */
export async function peekModel(request: IncomingMessage): Promise<string | undefined> {
  if (request.readableLength === 0 && !request.readableEnded && !request.destroyed) {
    await Promise.race([once(request, 'readable'), once(request, 'end'), once(request, 'close')]);
  }
  const first: unknown = request.read();
  if (!Buffer.isBuffer(first)) return undefined;
  request.unshift(first);
  return /"model"\s*:\s*"([^"\\]{1,200})"/.exec(first.toString('utf8', 0, 4096))?.[1];
}

/** Reads a whole request. @throws BodyTooLargeError */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to its end all the same: a connection that is closed on it would take the answer with it.
    if (length <= LARGEST) chunks.push(chunk);
  }
  if (length > LARGEST) throw new BodyTooLargeError('the request is larger than the API allows');
  return Buffer.concat(chunks);
}

/** The conversation in a request; none in a body that the API will refuse anyway. */
export function readMessages(body: Buffer): readonly unknown[] {
  const { messages } = parse(body);
  return Array.isArray(messages) ? messages : [];
}

/** @returns nothing of a body that the API will refuse anyway. */
export function readFacts(body: Buffer): RequestFacts {
  const request = parse(body);
  const { model, max_tokens: maxTokens, messages, speed, inference_geo: geo, tools } = request;
  const webSearches = Array.isArray(tools) ? tools.reduce(addSearches, 0) : 0;
  return {
    ...(typeof model === 'string' ? { model: model.slice(0, 200) } : {}),
    ...(typeof maxTokens === 'number' && maxTokens >= 0 ? { maxTokens: Math.ceil(maxTokens) } : {}),
    ...(Array.isArray(messages) ? { messages: messages.length } : {}),
    ...(typeof speed === 'string' ? { speed } : {}),
    ...(typeof geo === 'string' ? { geo } : {}),
    ...(webSearches > 0 ? { webSearches } : {}),
  };
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(body.toString('utf8')) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function addSearches(sum: number, tool: unknown): number {
  const { type, max_uses: most } = (tool ?? {}) as Record<string, unknown>;
  if (typeof type !== 'string' || !type.startsWith('web_search')) return sum;
  return sum + (typeof most === 'number' && most > 0 ? Math.ceil(most) : UNBOUNDED_SEARCHES);
}
