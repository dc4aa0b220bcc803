import { createHash } from 'node:crypto';
import type { WorkloadIdentity } from '@agentteam/contract';
import type { TokenCredential } from '@azure/identity';
import type { Credentials } from '../credentials.ts';
import type { Headers } from '../http/headers.ts';
import { CredentialError, mayPass } from './provider-api.ts';

/** The scope of Foundry resources: docs.claude.com/en/docs/build-with-claude/claude-in-microsoft-foundry */
const SCOPE = 'https://cognitiveservices.azure.com/.default';
const API_KEY = 'ANTHROPIC_FOUNDRY_API_KEY';
const CLIENT_KEYS = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'] as const;

export interface EntraTokenOptions {
  readonly credentials: Credentials;
  /** The pod's identity, which is used if no Secret is mounted. */
  readonly identity: WorkloadIdentity | undefined;
  /** File with the token of the pod's service account. */
  readonly tokenFile: string;
  /** Authority in place of Microsoft's public cloud. */
  readonly tokenUrl: string | undefined;
}

/** The key of a Foundry resource, or tokens of Entra, which the library renews before they expire. */
export class EntraToken {
  readonly #options: EntraTokenOptions;
  #client: { readonly from: string; readonly credential: TokenCredential } | undefined;

  constructor(options: EntraTokenOptions) {
    this.#options = options;
  }

  /** @throws CredentialError when the credential cannot be used, or Entra refuses it. */
  async headers(): Promise<Headers> {
    const { credentials, identity } = this.#options;
    const key = await credentials.secret(API_KEY);
    if (key !== undefined) return { 'api-key': key };
    const client = await this.#clientKeys();
    if (client === undefined && identity === undefined) return {};
    try {
      const from = JSON.stringify(client ?? '');
      if (this.#client?.from !== from) {
        this.#client = { from, credential: await this.#open(client) };
      }
      const { token } = (await this.#client.credential.getToken(SCOPE)) ?? {};
      return token === undefined ? {} : { authorization: `Bearer ${token}` };
    } catch (error) {
      throw asCredentialError(error as EntraError);
    }
  }

  async fingerprint(): Promise<string> {
    const { credentials } = this.#options;
    const values = [API_KEY, ...CLIENT_KEYS].map((key) => credentials.secret(key));
    const all = JSON.stringify(await Promise.all(values));
    return createHash('sha256').update(all).digest('hex').slice(0, 16);
  }

  /** @throws CredentialError when the Secret has only some of the keys. */
  async #clientKeys(): Promise<readonly [string, string, string] | undefined> {
    const { credentials } = this.#options;
    const [tenant, client, secret] = await Promise.all(
      CLIENT_KEYS.map((key) => credentials.secret(key)),
    );
    if (tenant === undefined && client === undefined && secret === undefined) return undefined;
    if (tenant !== undefined && client !== undefined && secret !== undefined) {
      return [tenant, client, secret];
    }
    throw new CredentialError(`the Secret needs all of the keys ${CLIENT_KEYS.join(', ')}`);
  }

  async #open(client: readonly [string, string, string] | undefined): Promise<TokenCredential> {
    const { identity, tokenFile, tokenUrl } = this.#options;
    const { clientCredential, podCredential } = await import('./entra-client.ts');
    if (client !== undefined) return clientCredential(client, tokenUrl);
    return podCredential(identity ?? {}, tokenFile, tokenUrl);
  }
}

interface EntraError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
}

function asCredentialError(error: EntraError): Error {
  if (error instanceof CredentialError || mayPass(error.statusCode, error.code)) return error;
  const [first = ''] = error.message.split('\n');
  return new CredentialError(`Entra refused the credential (${first.slice(0, 200)})`, {
    cause: error,
  });
}
