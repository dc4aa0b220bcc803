import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIGURES } from '@agentteam/contract';

/** Headers that the gateway adds to what it forwards. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** Keys of the Secret of `auth`, in the order in which they count. */
const API_KEYS = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;
export type CredentialName = (typeof API_KEYS)[number];

/** What a Bearer token of a subscription needs beside it. */
const OAUTH_BETA = 'oauth-2025-04-20';

/** Secrets are read again after this long: Kubernetes puts a rotated one into the same file. */
const FRESH_MS = 10_000;

/** Reads mounted secrets. Values are handed out for the one request that they are added to. */
export class Credentials {
  readonly #directory: string;
  readonly #cache: Map<string, { readonly value: string | undefined; readonly until: number }> =
    new Map();

  /** @param directory `PATHS.credentials` */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * For the Messages API: the key if there is one, else the OAuth token; neither in a rehearsal.
   * @param betas of the request's own those that are allowed.
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

  /** Under which key the credential for the Messages API stands; undefined: there is none. */
  async name(): Promise<CredentialName | undefined> {
    return (await this.#api())?.name;
  }

  /** Tells one credential for the Messages API from another, and nothing else about it. */
  async fingerprint(): Promise<string> {
    const { value = '' } = (await this.#api()) ?? {};
    return createHash('sha256').update(value).digest('hex').slice(0, 16);
  }

  async mcp(server: string): Promise<CredentialHeaders> {
    const token = await this.#read(`mcp/${server}/token`);
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Proves the team's figures; absent where no controller asks for them. */
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
