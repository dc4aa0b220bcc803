import type { IncomingHttpHeaders } from 'node:http';
import { type Headers, joined } from '../http/headers.ts';
import { BadRequestError } from '../request/bad-request.ts';
import { type Fields, fieldsOf, listOf } from '../request/parse-request.ts';
import type { AskedRequest } from './provider-api.ts';

export function jsonHeaders(body: Buffer | null): Record<string, string> {
  if (body === null) return {};
  return { 'content-type': 'application/json', 'content-length': String(body.length) };
}

/** Headers of the agent that cannot change what a cloud provider does or charges. */
const HARMLESS = ['accept', 'user-agent'];

/**
 * Headers of a request to a cloud provider. Only known ones are sent: providers have headers that select a
 * service tier, faster replies or another account, each at another price.
 */
export function cloudHeaders(
  from: IncomingHttpHeaders,
  body: Buffer | null,
  betas: readonly string[],
): Headers {
  const kept = HARMLESS.flatMap((name) => {
    const value = joined(from[name]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    ...jsonHeaders(body),
    // The gateway reads the usage from the reply, which therefore must not be compressed.
    'accept-encoding': 'identity',
    ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
  };
}

/**
 * A body for a cloud provider, without the fields that select a service tier or faster replies: its prices for them
 * are not known, and its replies do not say that it charges them.
 */
export function cloudFields({ service_tier: _tier, speed: _speed, ...fields }: Fields): Fields {
  return fields;
}

/** Separates the fields that providers put into the body instead of a header. @throws BadRequestError */
export function withoutHeaderFields(body: Fields): AskedRequest {
  const { anthropic_version: _version, anthropic_beta: given, ...fields } = body;
  if (given !== undefined && !Array.isArray(given)) {
    throw new BadRequestError('anthropic_beta: must be a list');
  }
  const betas = listOf(given);
  if (betas.some((beta) => typeof beta !== 'string' || !/^[A-Za-z0-9._-]{1,100}$/.test(beta))) {
    throw new BadRequestError('anthropic_beta: must be a list of names');
  }
  return { fields, betas: betas as readonly string[] };
}

/** The object that a JSON text contains; empty if it contains none. */
export function jsonFields(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}
