import { join } from 'node:path';
import { utcTime } from '@agentteam/contract';
import { withLock } from '@agentteam/volume';
import { readSecretNow } from '../../step/secret.ts';
import { errorReason, type Logger } from '../log.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { askForToken } from './token-endpoint.ts';
import { fingerprintOf, TokenFile, type Tokens } from './token-file.ts';

/** Keys of the Secret, besides `CLAUDE_CODE_OAUTH_TOKEN`. The first three are variables of Claude Code. */
const KEYS = {
  refreshToken: 'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
  scope: 'CLAUDE_CODE_OAUTH_SCOPES',
  clientId: 'CLAUDE_CODE_OAUTH_CLIENT_ID',
  expiresAt: 'CLAUDE_CODE_OAUTH_EXPIRES_AT',
  tokenUrl: 'CLAUDE_CODE_OAUTH_TOKEN_URL',
} as const;

/** The endpoint and the public client of Claude Code 2.1.330. Anthropic documents neither. */
const TOKEN_URL = 'https://platform.claude.com/v1/oauth/token';
const CLIENT_ID = '9d1c250a-e61b-44d9-88ed-5944d1962f5e';

/** An access token is refreshed this long before it expires. */
const EARLY_MS = 5 * 60_000;
/** A refused access token that is newer than this is not refreshed: a newer one would be refused as well. */
const NEW_MS = 60_000;
/** Time between two attempts while the endpoint does not answer and the access token is still valid. */
const AGAIN_MS = 30_000;

export interface SubscriptionOptions {
  /** Name of the credential. */
  readonly name: string;
  /** Directory of the mounted Secret. */
  readonly directory: string;
  /** `PATHS.ledger` */
  readonly ledger: string;
  readonly upstream: Upstream;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * What follows from an attempt to refresh. `unavailable`: the endpoint does not answer.
 * `useless`: refreshing is not possible, or would not help.
 */
export type Renewal =
  | { readonly kind: 'renewed' | 'useless' }
  | { readonly kind: 'unavailable'; readonly detail: string };

/**
 * The access token of a subscription whose Secret has a refresh token. A refresh token can be used once, so
 * the gateways of a team refresh under a lock, and share the result on the volume.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #file: TokenFile;
  #renewing: Promise<Renewal> | undefined;
  /** By the process's own clock. */
  #notBefore = 0;
  #problem: string | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#file = new TokenFile(options.ledger, options.name);
  }

  /** Why the last refresh failed, as the end of a message. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /**
   * The access token, refreshed if it is about to expire.
   * @param given the access token in the Secret.
   * @returns `given` for a Secret without a refresh token.
   */
  async accessToken(given: string | undefined): Promise<string | undefined> {
    const tokens = await this.#tokens(given);
    if (tokens === undefined || !isExpiring(tokens)) return tokens?.accessToken ?? given;
    if (tokens.refused !== undefined || performance.now() < this.#notBefore) {
      return tokens.accessToken;
    }
    await this.renew(given, fingerprintOf(tokens.accessToken ?? ''));
    return (await this.#tokens(given))?.accessToken;
  }

  /**
   * Refreshes the access token, unless another gateway has done that.
   * @param used fingerprint of the access token that is refused, or about to expire.
   */
  renew(given: string | undefined, used: string): Promise<Renewal> {
    this.#renewing ??= this.#renew(given, used).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renew(given: string | undefined, used: string): Promise<Renewal> {
    if ((await this.#tokens(given)) === undefined) return { kind: 'useless' };
    try {
      return await withLock(this.#file.path, async (lock) => {
        const tokens = await this.#tokens(given);
        if (tokens === undefined) return { kind: 'useless' };
        if (fingerprintOf(tokens.accessToken ?? '') !== used) return { kind: 'renewed' };
        if (tokens.refused !== undefined || isNew(tokens)) {
          this.#problem = tokens.refused;
          return { kind: 'useless' };
        }
        lock.assertHeld();
        // If this gateway is killed before it has written the answer, the next one knows that it asked.
        await this.#file.write({ ...tokens, begunAt: tokens.begunAt ?? new Date().toISOString() });
        return this.#ask(tokens);
      });
    } catch (error) {
      const reason = errorReason(error);
      this.#options.log.error({ event: 'token-not-refreshed', reason });
      this.#notBefore = performance.now() + AGAIN_MS;
      return { kind: 'unavailable', detail: (error as NodeJS.ErrnoException).code ?? 'EIO' };
    }
  }

  async #ask(tokens: Tokens): Promise<Renewal> {
    const { upstream, log, signal, name } = this.#options;
    const url = await this.#tokenUrl();
    if (typeof url === 'string') return this.#refuse(tokens, url);
    const request = {
      url,
      clientId: (await this.#read('clientId')) ?? CLIENT_ID,
      refreshToken: tokens.refreshToken,
      scope: await this.#read('scope'),
    };
    const reply = await askForToken(upstream, request, signal);
    switch (reply.kind) {
      case 'issued': {
        const now = Date.now();
        const { accessToken, refreshToken = tokens.refreshToken, expiresInMs } = reply;
        const expiresAt =
          expiresInMs === undefined ? undefined : new Date(now + expiresInMs).toISOString();
        // Write this even if the lock was lost: the old refresh token is spent.
        await this.#file.write({
          ...{ from: tokens.from, accessToken, refreshToken },
          ...(expiresAt !== undefined && { expiresAt }),
          refreshedAt: new Date(now).toISOString(),
        });
        this.#problem = undefined;
        log.info({ event: 'token-refreshed', credential: name, expiresAt });
        return { kind: 'renewed' };
      }
      case 'refused':
        return this.#refuse(tokens, refusedText(reply.reason, tokens.begunAt));
      case 'unavailable':
        this.#notBefore = performance.now() + AGAIN_MS;
        this.#problem = `the token endpoint ${url.host} does not answer (${reply.detail})`;
        log.warn({ event: 'token-endpoint-unavailable', detail: reply.detail });
        return reply;
    }
  }

  async #refuse(tokens: Tokens, problem: string): Promise<Renewal> {
    const { begunAt: _begunAt, ...rest } = tokens;
    await this.#file.write({ ...rest, refused: problem });
    this.#problem = problem;
    this.#options.log.error({ event: 'refresh-token-refused', reason: problem });
    return { kind: 'useless' };
  }

  /** The tokens that descend from the Secret's refresh token; `undefined` without one. */
  async #tokens(given: string | undefined): Promise<Tokens | undefined> {
    const refreshToken = await this.#read('refreshToken');
    if (refreshToken === undefined) return undefined;
    const from = fingerprintOf(refreshToken);
    const shared = await this.#file.read();
    // A Secret with another refresh token was replaced by a person.
    if (shared?.from === from) return shared;
    const expiresAt = timeOf(await this.#read('expiresAt'));
    return {
      from,
      accessToken: given,
      refreshToken,
      ...(expiresAt !== undefined && { expiresAt }),
    };
  }

  /** @returns what is wrong with the address, as text. */
  async #tokenUrl(): Promise<URL | string> {
    const text = (await this.#read('tokenUrl')) ?? TOKEN_URL;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isNear =
      url?.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
    if (url?.protocol === 'https:' || isNear) return url as URL;
    return `the key ${KEYS.tokenUrl} of the Secret is not an https URL`;
  }

  async #read(key: keyof typeof KEYS): Promise<string | undefined> {
    return readSecretNow(join(this.#options.directory, KEYS[key]))?.trim();
  }
}

function refusedText(reason: string, begunAt: string | undefined): string {
  const interrupted =
    begunAt === undefined
      ? ''
      : `, possibly because a gateway was killed at ${utcTime(begunAt)} while it refreshed`;
  return `the refresh token was refused (${reason})${interrupted}`;
}

function isExpiring({ accessToken, expiresAt }: Tokens): boolean {
  if (accessToken === undefined) return true;
  return expiresAt !== undefined && Date.parse(expiresAt) - Date.now() < EARLY_MS;
}

function isNew({ refreshedAt }: Tokens): boolean {
  if (refreshedAt === undefined) return false;
  const age = Date.now() - Date.parse(refreshedAt);
  return age >= 0 && age < NEW_MS;
}

/** Milliseconds since the epoch, as Claude Code stores them, or a date. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isNaN(time) || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString();
}
