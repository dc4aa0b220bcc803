import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIGURES } from '@agentteam/contract';

/** Headers that the gateway adds to requests. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** Keys of the Secret of `auth`, in order of precedence. */
const API_KEYS = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;
export type CredentialName = (typeof API_KEYS)[number];

const SERVICE_KEYS = ['token', 'username', 'password'] as const;

/** Beta that the Bearer token of a subscription needs. */
const OAUTH_BETA = 'oauth-2025-04-20';

/** Secrets are read again after this time: Kubernetes writes a rotated one to the same file. */
const FRESH_MS = 10_000;

export type ServiceSecret = Readonly<Partial<Record<(typeof SERVICE_KEYS)[number], string>>>;

/** Reads mounted Secrets. */
export class Credentials {
  readonly #directory: string;
  readonly #cache: Map<string, { readonly value: string | undefined; readonly until: number }> =
    new Map();

  /** @param directory `PATHS.credentials` */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Headers for the Messages API: the API key if there is one, otherwise the OAuth token. A rehearsal has
   * neither.
   * @param betas the allowed betas of the request.
   */
  async api(betas: readonly string[]): Promise<CredentialHeaders> {
    const { name, value } = (await this.#api()) ?? {};
    if (value === undefined) return betaHeader(betas);
    if (name === 'ANTHROPIC_API_KEY') return { 'x-api-key': value, ...betaHeader(betas) };
    return {
      authorization: `Bearer ${value}`,
      ...betaHeader([...betas.filter((beta) => beta !== OAUTH_BETA), OAUTH_BETA]),
    };
  }

  /** The key of the credential for the Messages API; `undefined` when there is none. */
  async name(): Promise<CredentialName | undefined> {
    return (await this.#api())?.name;
  }

  /** A value that changes with the credential for the Messages API, and does not reveal it. */
  async fingerprint(): Promise<string> {
    const { value = '' } = (await this.#api()) ?? {};
    return createHash('sha256').update(value).digest('hex').slice(0, 16);
  }

  async mcp(server: string): Promise<CredentialHeaders> {
    const token = await this.#read(`mcp/${server}/token`);
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** The values of a service's Secret; those that it lacks are absent. */
  async service(name: string): Promise<ServiceSecret> {
    const values = await Promise.all(
      SERVICE_KEYS.map(async (key) => [key, await this.#read(`services/${name}/${key}`)] as const),
    );
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  /** Reads a service's Secret anew for the next request, because the service has rejected it. */
  forgetService(name: string): void {
    for (const key of SERVICE_KEYS) this.#cache.delete(`services/${name}/${key}`);
  }

  /** The key that proves the team's figures; absent without a controller. */
  async figures(): Promise<string | undefined> {
    return this.#read(`${FIGURES.directory}/${FIGURES.secretKey}`);
  }

  async #api(): Promise<{ readonly name: CredentialName; readonly value: string } | undefined> {
    for (const name of API_KEYS) {
      const value = await this.#read(`api/${name}`);
      if (value !== undefined) return { name, value };
    }
    return undefined;
  }

  async #read(name: string): Promise<string | undefined> {
    const cached = this.#cache.get(name);
    if (cached !== undefined && cached.until > performance.now()) return cached.value;
    const text = await readFile(join(this.#directory, name), 'utf8').catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
        throw error;
      },
    );
    const value = text.trim() === '' ? undefined : text.trim();
    this.#cache.set(name, { value, until: performance.now() + FRESH_MS });
    return value;
  }
}

function betaHeader(betas: readonly string[]): CredentialHeaders {
  return betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') };
}
