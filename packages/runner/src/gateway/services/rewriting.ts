import { Transform } from 'node:stream';
import type { Service } from './service.ts';

export interface RewritingOptions {
  /** All services of the agent: one may hand out addresses of another. */
  readonly services: readonly Service[];
  /** The service whose reply is rewritten. */
  readonly answering: Service;
  /** Before `/<name>/` in the paths of services. */
  readonly root: string;
  /** As the agent's client wrote it: `http://127.0.0.1:8787`. */
  readonly origin: string;
}

/** Replaces the addresses of an agent's services in a reply by those at the gateway. */
export class Rewriting {
  readonly #local: ReadonlyMap<string, string>;
  readonly #pattern: RegExp;
  /** Characters that decide about a match. */
  readonly #longest: number;

  constructor({ services, answering, root, origin }: RewritingOptions) {
    const absolute = services.flatMap(({ name, base }) =>
      spellings(base).flatMap((address) => {
        const local = `${origin}${root}/${name}/`;
        // Some servers write JSON with `\/`.
        return [[address, local] as const, [escaped(address), escaped(local)] as const];
      }),
    );
    const relative = LINKS.map(
      (link) => [`${link}${answering.base.pathname}`, `${link}${root}/${answering.name}/`] as const,
    );
    this.#local = new Map([...absolute, ...relative]);
    const oneOf = (pairs: readonly (readonly [string, string])[]) =>
      pairs
        .map(([address]) => address)
        .sort((a, b) => b.length - a.length)
        .map(literal)
        .join('|');
    this.#longest = Math.max(...[...this.#local.keys()].map(({ length }) => length + 1));
    // A link that begins with two slashes names a host.
    this.#pattern = new RegExp(`${oneOf(absolute)}|(?:${oneOf(relative)})(?!/)`, 'g');
  }

  /** Replaces addresses in a text. */
  replace(text: string): string {
    return text.replace(this.#pattern, (found) => this.#local.get(found) ?? found);
  }

  /** Replaces addresses in a stream, of which it keeps no more than the length of an address. */
  stream(): Transform {
    const pattern = new RegExp(this.#pattern);
    let rest = '';
    const take = (chunk: string, isLast: boolean): Buffer => {
      const text = rest + chunk;
      // A shorter address may be the start of a longer one that has not arrived completely.
      const known = isLast ? text.length : text.length - this.#longest + 1;
      let done = 0;
      let out = '';
      pattern.lastIndex = 0;
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        if (match.index >= known) break;
        out += text.slice(done, match.index) + (this.#local.get(match[0]) ?? match[0]);
        done = pattern.lastIndex;
      }
      const end = Math.max(done, known);
      out += text.slice(done, end);
      rest = text.slice(end);
      return Buffer.from(out, 'latin1');
    };
    return new Transform({
      // Latin-1 keeps every byte, whatever the encoding of the body is.
      transform: (chunk: Buffer, _encoding, done) =>
        done(null, take(chunk.toString('latin1'), false)),
      flush: (done) => done(null, take('', true)),
    });
  }
}

/** Before links of PyPI's index (PEP 503 and 691), which some servers write as paths of their host. */
const LINKS = ['href="', '"url":"', '"url": "'];

/** A server behind a TLS proxy may believe that it is reached without TLS, or write the port. */
function spellings(base: URL): readonly string[] {
  const { hostname, port, pathname, protocol } = base;
  const isSecure = protocol === 'https:';
  const host = port === '' ? hostname : `${hostname}:${port}`;
  const origins = [
    base.origin,
    `${isSecure ? 'http' : 'https'}://${host}`,
    ...(port === '' ? [`${base.origin}:${isSecure ? 443 : 80}`] : []),
  ];
  return origins.map((origin) => `${origin}${pathname}`);
}

function literal(address: string): string {
  return address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function escaped(address: string): string {
  return address.replaceAll('/', '\\/');
}

/** Bodies in which registries hand out addresses: npm's metadata, PyPI's index, Cargo's configuration. */
const WITH_ADDRESSES =
  /^(?:application\/(?:[a-z0-9.+-]+\+)?json|text\/html|application\/[a-z0-9.+-]+\+html)\s*(?:;|$)/i;

export function mayHaveAddresses(contentType: string | undefined): boolean {
  return WITH_ADDRESSES.test(contentType ?? '');
}
