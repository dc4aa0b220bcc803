import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SERVICES_PATH } from '@agentteam/contract';
import type { Service } from './service.ts';

/**
 * The part of the path that opens the services where others share the loopback: on a machine without a sandbox,
 * its other users. It does not reveal the gateway's token, because it ends up in lock files and logs.
 * @returns `/services/~<capability>`
 */
export function guardedPath(token: string): string {
  const capability = createHmac('sha256', token).update('services').digest('base64url');
  return `${SERVICES_PATH}/~${capability}`;
}

/** A request to a service, or why it is refused. */
export type Found =
  /** @property path what follows the service's base path, without a slash at its start; with the query. */
  | { readonly service: Service; readonly path: string }
  | { readonly status: 400 | 403 | 404; readonly message: string };

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(bytes(one), bytes(other));
}

/** A request line has no characters beyond Latin-1. */
function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** How a client asks for a service that takes the gateway for its proxy: busybox wget ignores NO_PROXY. */
const THROUGH_PROXY = /^http:\/\/127\.0\.0\.1(?::[0-9]{1,5})?(?=\/)/;

/** The target of a request to a service as the request line has it without a proxy. */
export function serviceTarget({ url = '' }: IncomingMessage): string {
  return url.replace(THROUGH_PROXY, '');
}

const TARGET = /^\/([a-z0-9-]{1,63})(\/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[!-~]*)?$/;

/**
 * Finds the service of a request. The path is passed on as it came, so it may contain nothing that a server could
 * read as a path outside the base.
 * @param target of the request line, for example `/services/npm/@acme%2fui`.
 * @param root {@link guardedPath} or `/services`.
 */
export function findService(target: string, root: string, services: readonly Service[]): Found {
  const below = target.slice(root.length);
  const prefix = target.slice(0, root.length);
  if (!isSame(prefix, root)) {
    return {
      status: 403,
      message: `the address of the service is the one that \${services.NAME} has in environment.env`,
    };
  }
  const [, name, path = '/', query = ''] = TARGET.exec(below) ?? [];
  if (name === undefined) {
    return { status: 400, message: 'the path has characters that must be percent-encoded' };
  }
  const service = services.find((candidate) => candidate.name === name);
  if (service === undefined) {
    const names = services.map((candidate) => candidate.name).join(', ');
    return { status: 404, message: `this agent has no service "${name}"; it has: ${names}` };
  }
  if (!staysBelow(path)) {
    return { status: 400, message: 'the path leaves the base URL of the service' };
  }
  // Clients that join a base and a path with one slash too many mean the same file.
  return { service, path: `${path.replace(/^\/+/, '')}${query}` };
}

/** No control characters and no backslash. */
const PLAIN = /^[ -[\]-~\u0080-\uffff]*$/;

/** Overlong forms of "." and "/", which are not UTF-8, and `%u002e`, which only Windows' HTTP server decodes. */
const UNUSUAL = /%(?:c[01]|e0%[89]|f0%8|u)/i;

/** Servers decode a path once, and some of those behind a proxy twice. */
const MAX_DECODINGS = 4;

/**
 * Whether no server can read a path as one outside its base: it has no dot segment, no backslash and no control
 * character, not even after it has been decoded several times. An encoded slash is allowed, because npm writes
 * `@scope%2fname`.
 */
export function staysBelow(path: string): boolean {
  let text = path;
  for (let round = 0; round <= MAX_DECODINGS; round += 1) {
    if (UNUSUAL.test(text)) return false;
    if (!PLAIN.test(text)) return false;
    // Java servers drop parameters after a semicolon, Windows spaces at the end.
    if (text.split('/').some((segment) => /^\.{1,2} *(?:;|$)/.test(segment))) return false;
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (decoded === text) return true;
    text = decoded;
  }
  return false;
}
