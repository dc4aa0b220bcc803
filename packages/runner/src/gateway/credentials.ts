import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIGURES, isReservedHeader, type McpServerRef } from '@agentteam/contract';
import { ConfigError } from './config.ts';

/** Headers that the gateway adds to requests. */
export type CredentialHeaders = Readonly<Record<string, string>>;

/** Keys of the Secret of `auth`, in order of precedence. */
const API_KEYS = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;
export type CredentialName = (typeof API_KEYS)[number];

/** Beta that the Bearer token of a subscription needs. */
const OAUTH_BETA = 'oauth-2025-04-20';

/** Secrets are read again after this time: Kubernetes writes a rotated one to the same file. */
const FRESH_MS = 10_000;

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

  /**
   * Headers for an MCP server, in lower case.
   * @throws ConfigError when a key of its Secret cannot be sent as a header.
   */
  async mcp({
    name,
    credential,
    headers = {},
    headersSecret,
  }: McpServerRef): Promise<CredentialHeaders> {
    const token = credential ? await this.#read(`mcp/${name}/token`) : undefined;
    return {
      ...lowerCase(headers),
      ...(headersSecret !== undefined && (await this.#secretHeaders(name, headersSecret))),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
  }

  async #secretHeaders(server: string, secret: string): Promise<CredentialHeaders> {
    const place = `mcp-headers/${server}`;
    const keys = await readdir(join(this.#directory, place)).catch(() => []);
    // Kubernetes keeps the files of a Secret in directories whose names begin with two dots.
    const names = keys.filter((key) => !key.startsWith('..'));
    if (names.length === 0)
      throw new ConfigError(`the Secret ${secret} (headersSecret) has no keys`);
    const values = names.map(async (name) => {
      const value = (await this.#read(`${place}/${name}`)) ?? '';
      checkHeader(secret, name, value);
      return [name, value] as const;
    });
    return lowerCase(Object.fromEntries(await Promise.all(values)));
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

/** @throws ConfigError without the value, which is secret. */
function checkHeader(secret: string, name: string, value: string): void {
  const where = `the key ${JSON.stringify(name)} of the Secret ${secret} (headersSecret)`;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) {
    throw new ConfigError(`${where} is not the name of an HTTP header`);
  }
  if (isReservedHeader(name)) {
    throw new ConfigError(`${where} is a header that belongs to the connection or to MCP itself`);
  }
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new ConfigError(`${where} has a value that HTTP cannot send, such as several lines`);
  }
}

function lowerCase(headers: Readonly<Record<string, string>>): CredentialHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function betaHeader(betas: readonly string[]): CredentialHeaders {
  return betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') };
}
