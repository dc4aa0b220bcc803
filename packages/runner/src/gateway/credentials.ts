import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CredentialRef,
  FIGURES,
  isProviderKey,
  isReservedHeader,
  type McpServerRef,
  SECRET_DATA,
} from '@agentteam/contract';
import { readSecretNow } from '../step/secret.ts';
import { ConfigError } from './config.ts';
import type { CredentialHeaders } from './http/headers.ts';
import type { Logger } from './log.ts';
import { type Renewal, Subscription } from './oauth/subscription.ts';
import { fingerprintOf } from './oauth/token-file.ts';
import type { Upstream } from './upstream/upstream.ts';

/** Keys of the Secret of `auth`, in order of precedence. */
const API_KEYS = ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;
export type CredentialName = (typeof API_KEYS)[number];

const SERVICE_KEYS = ['token', 'username', 'password'] as const;

/** The key that the Secret of each kind of credential has. */
const KEY_OF: Readonly<Record<CredentialRef['kind'], CredentialName>> = {
  'api-key': 'ANTHROPIC_API_KEY',
  oauth: 'CLAUDE_CODE_OAUTH_TOKEN',
};

const OAUTH_KEY = KEY_OF.oauth;

/** Beta that the Bearer token of a subscription needs. */
const OAUTH_BETA = 'oauth-2025-04-20';

/** Name of the credential of a team without `auth.credentials`. */
export const ONLY = '';

export type ServiceSecret = Readonly<Partial<Record<(typeof SERVICE_KEYS)[number], string>>>;

/** A credential for the Messages API, as it is now. */
export interface ApiCredential {
  /** Its name in `auth.credentials`, or {@link ONLY}. */
  readonly name: string;
  /** The Secret that it comes from; absent where the team names none. */
  readonly secret: string | undefined;
  /** Keys that the Secret may have. */
  readonly keys: readonly CredentialName[];
  /** The key that it has; absent where it has none. */
  readonly key: CredentialName | undefined;
  /** A value that changes with the credential, and does not reveal it. */
  readonly fingerprint: string;
  /** Why a subscription's token could not be refreshed. */
  readonly problem: string | undefined;
  /** @param betas the allowed betas of the request. */
  headers(betas: readonly string[]): CredentialHeaders;
}

export interface CredentialSources {
  readonly directories: { readonly credentials: string; readonly ledger: string };
  /** See `GatewaySpec`. */
  readonly secret: string | undefined;
  /** See `GatewaySpec`. Empty: the team has one credential or none. */
  readonly credentials: readonly CredentialRef[];
}

interface Source extends Pick<ApiCredential, 'name' | 'secret' | 'keys'> {
  readonly directory: string;
  readonly subscription: Subscription;
}

/** For refreshing the token of a subscription. */
export interface CredentialTools {
  readonly upstream: Upstream;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Reads mounted Secrets. They are read for each request, because Kubernetes writes a rotated one to the
 * same file.
 */
export class Credentials {
  readonly #directory: string;
  readonly #sources: ReadonlyMap<string, Source>;

  constructor({ directories, secret, credentials }: CredentialSources, tools: CredentialTools) {
    this.#directory = directories.credentials;
    const refs =
      credentials.length === 0
        ? [{ name: ONLY, secret, keys: API_KEYS, mounted: 'api' }]
        : credentials.map(({ name, secret, kind }) => ({
            ...{ name, secret, keys: [KEY_OF[kind]] },
            mounted: `api/${name}`,
          }));
    const sources = refs.map(({ mounted, ...ref }): Source => {
      const directory = join(this.#directory, mounted);
      const { ledger } = directories;
      const subscription = new Subscription({ ...tools, name: ref.name, directory, ledger });
      return { ...ref, directory, subscription };
    });
    this.#sources = new Map(sources.map((source) => [source.name, source]));
  }

  /** Names of the credentials for the Messages API, in the order in which they are tried. */
  get names(): readonly string[] {
    return [...this.#sources.keys()];
  }

  /**
   * Whether somebody can replace a credential for the Messages API while the gateway runs. On this machine, an
   * environment variable cannot change.
   */
  get canChange(): boolean {
    return [...this.#sources.values()].some(({ directory }) =>
      existsSync(join(directory, SECRET_DATA)),
    );
  }

  /** Reads a credential for the Messages API. A rehearsal has none. */
  async api(of: string): Promise<ApiCredential> {
    const source = this.#sourceOf(of);
    for (const key of source.keys) {
      const given = await this.#valueOf(source, key);
      const value = key === OAUTH_KEY ? await source.subscription.accessToken(given) : given;
      if (value !== undefined) return credentialOf(source, key, value);
    }
    return credentialOf(source, undefined, '');
  }

  /**
   * Whether another value than the one that the API refused with 401 can be used: the Secret was replaced, or
   * the token of a subscription could be refreshed.
   */
  async renew({ name, key, fingerprint }: ApiCredential): Promise<Renewal> {
    const source = this.#sourceOf(name);
    const now = await this.api(name);
    if (now.fingerprint !== fingerprint) return { kind: 'renewed' };
    if (key === 'ANTHROPIC_API_KEY' || !source.keys.includes(OAUTH_KEY)) return { kind: 'useless' };
    return source.subscription.renew(await this.#valueOf(source, OAUTH_KEY), fingerprint);
  }

  /** A value that changes when any credential for the Messages API does. */
  async fingerprint(): Promise<string> {
    const all = await Promise.all(this.names.map((name) => this.api(name)));
    return all.map(({ fingerprint }) => fingerprint).join();
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

  /** A value of the Secret of `auth`, by its key. */
  async secret(key: string): Promise<string | undefined> {
    const value = await this.#read(`api/${key}`);
    return value === '' ? undefined : value;
  }

  /** The values of a service's Secret; those that it lacks are absent. */
  async service(name: string): Promise<ServiceSecret> {
    const values = await Promise.all(
      SERVICE_KEYS.map(async (key) => [key, await this.#read(`services/${name}/${key}`)] as const),
    );
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  /** The key that proves the team's figures; absent without a controller. */
  async figures(): Promise<string | undefined> {
    return this.#read(`${FIGURES.directory}/${FIGURES.secretKey}`);
  }

  #sourceOf(name: string): Source {
    const source = this.#sources.get(name);
    if (source === undefined) throw new Error(`there is no credential ${name}`);
    return source;
  }

  async #valueOf({ directory }: Source, key: CredentialName): Promise<string | undefined> {
    return readSecretNow(join(directory, key))?.trim();
  }

  async #read(name: string): Promise<string | undefined> {
    return readSecretNow(join(this.#directory, name))?.trim();
  }
}

function credentialOf(
  { name, secret, keys, subscription }: Source,
  key: CredentialName | undefined,
  value: string,
): ApiCredential {
  return {
    ...{ name, secret, keys, key },
    get fingerprint() {
      return fingerprintOf(value);
    },
    problem: subscription.problem,
    headers: (betas) => {
      if (key === undefined) return betaHeader(betas);
      if (key === 'ANTHROPIC_API_KEY') return { 'x-api-key': value, ...betaHeader(betas) };
      return {
        authorization: `Bearer ${value}`,
        ...betaHeader([...betas.filter((beta) => beta !== OAUTH_BETA), OAUTH_BETA]),
      };
    },
  };
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
  if (isProviderKey(name)) {
    throw new ConfigError(
      `${where} is one of a model provider's credential, which no MCP server gets`,
    );
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
