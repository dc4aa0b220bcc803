import { Transform } from 'node:stream';
import type { Service } from './service.ts';

/** Translates addresses of the agent's services into those at the gateway. */
export class Locations {
  readonly #services: readonly Service[];
  readonly #root: string;
  readonly #local: ReadonlyMap<string, string>;
  readonly #pattern: RegExp;
  readonly #longest: number;

  /**
   * @param services all services of the agent.
   * @param root `/services`, or the path with the capability.
   * @param origin as the agent's client wrote it: `http://127.0.0.1:8787`.
   */
  constructor(services: readonly Service[], root: string, origin: string) {
    this.#services = services;
    this.#root = root;
    const pairs = services.flatMap(({ name, base }) =>
      spellings(base).flatMap((address) => {
        const local = `${origin}${root}/${name}/`;
        // Some servers write JSON with `\/`.
        return [[address, local] as const, [escaped(address), escaped(local)] as const];
      }),
    );
    this.#local = new Map(pairs);
    const addresses = [...this.#local.keys()].sort((a, b) => b.length - a.length);
    this.#longest = addresses[0]?.length ?? 0;
    this.#pattern = new RegExp(addresses.map((address) => literal(address)).join('|'), 'g');
  }

  /**
   * The path at the gateway of an address.
   * @returns undefined if the address belongs to no service of the agent.
   */
  pathOf(url: URL): string | undefined {
    const owner = this.#services
      .filter(({ base }) => url.origin === base.origin && isBelow(url, base))
      .sort((a, b) => b.base.pathname.length - a.base.pathname.length)[0];
    if (owner === undefined || url.username !== '' || url.password !== '') return undefined;
    const below = url.pathname.slice(owner.base.pathname.length);
    return `${this.#root}/${owner.name}/${below}${url.search}${url.hash}`;
  }

  /** Replaces the addresses of services in a text. */
  replace(text: string): string {
    return text.replace(this.#pattern, (found) => this.#local.get(found) ?? found);
  }

  /** Replaces them in a stream, of which it keeps no more than the length of an address. */
  rewriter(): Transform {
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

/** Whether the path of an address is the base path or below it. */
function isBelow(url: URL, base: URL): boolean {
  return `${url.pathname}/`.startsWith(base.pathname);
}

/** A server behind a TLS proxy may believe that it is reached without TLS, or write the port. */
function spellings(base: URL): readonly string[] {
  const { hostname, port, pathname } = base;
  const hosts = port === '' ? [hostname] : [`${hostname}:${port}`];
  const other = base.protocol === 'https:' ? 'http' : 'https';
  const withPort = port === '' ? [`${base.origin}:${base.protocol === 'https:' ? 443 : 80}`] : [];
  return [base.origin, ...hosts.map((host) => `${other}://${host}`), ...withPort].map(
    (origin) => `${origin}${pathname}`,
  );
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
