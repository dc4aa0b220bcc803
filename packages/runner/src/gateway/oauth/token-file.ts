import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readUntrustedJson, writeJson } from '@agentteam/volume';

/** The tokens of a subscription, as the team's gateways have refreshed them. */
export interface Tokens {
  /** Fingerprint of the Secret's refresh token that these tokens descend from. */
  readonly from: string;
  readonly accessToken: string | undefined;
  readonly refreshToken: string;
  /** ISO 8601; absent when unknown. */
  readonly expiresAt?: string;
  /** When the access token was issued; absent for that of the Secret. */
  readonly refreshedAt?: string;
  /** A refresh that has begun, and whose result is not known: its gateway may have been killed. */
  readonly begunAt?: string;
  /** Why the refresh token is of no use any more. */
  readonly refused?: string;
}

/** Directory below the ledger's, which no agent mounts. */
const DIRECTORY = 'oauth';

/** Readable by the gateways' user only. */
const MODE = { mode: 0o600 };

/** The file through which the gateways of a team share the tokens of one credential. */
export class TokenFile {
  readonly #directory: string;
  readonly #path: string;

  /** @param ledger `PATHS.ledger` @param credential name of the credential; may be empty. */
  constructor(ledger: string, credential: string) {
    this.#directory = join(ledger, DIRECTORY);
    // Names of credentials cannot contain a dot.
    this.#path = join(this.#directory, credential === '' ? 'auth.only.json' : `${credential}.json`);
  }

  get path(): string {
    return this.#path;
  }

  async read(): Promise<Tokens | undefined> {
    const value = await readUntrustedJson(this.#path);
    return isTokens(value) ? value : undefined;
  }

  async write(tokens: Tokens): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await writeJson(this.#path, tokens, MODE);
  }
}

/** A short text that identifies a token, and does not reveal it. */
export function fingerprintOf(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 16);
}

function isTokens(value: unknown): value is Tokens {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const isText = (name: string) => typeof fields[name] === 'string';
  const isTextOrAbsent = (name: string) => fields[name] === undefined || isText(name);
  return (
    isText('from') &&
    isText('refreshToken') &&
    ['accessToken', 'expiresAt', 'refreshedAt', 'begunAt', 'refused'].every(isTextOrAbsent)
  );
}
