import { createHash } from 'node:crypto';
import type { WorkloadIdentity } from '@agentteam/contract';
import {
  type AuthClient,
  ExternalAccountClient,
  JWT,
  UserRefreshClient,
} from 'google-auth-library';
import type { Credentials } from '../credentials.ts';
import type { Headers } from '../http/headers.ts';
import type { Fields } from '../request/parse-request.ts';
import { CredentialError, mayPass } from './provider-api.ts';
import { jsonFields } from './request-headers.ts';

/** The key of the Secret. Its value is what the file of this variable contains. */
const KEY = 'GOOGLE_APPLICATION_CREDENTIALS';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** The address that the library has built in for keys of service accounts and for users. */
const TOKEN_URL = 'https://oauth2.googleapis.com/token';

export interface GoogleTokenOptions {
  readonly credentials: Credentials;
  /** The pod's identity, which is used if no Secret is mounted. */
  readonly identity: WorkloadIdentity | undefined;
  /** File with the token of the pod's service account. */
  readonly tokenFile: string;
  /** Base URL in place of Google's services that issue tokens. */
  readonly tokenUrl: string | undefined;
}

/** Access tokens of Google Cloud, which the library renews before they expire. */
export class GoogleToken {
  readonly #options: GoogleTokenOptions;
  #client: { readonly from: string; readonly client: AuthClient } | undefined;

  constructor(options: GoogleTokenOptions) {
    this.#options = options;
  }

  /** @throws CredentialError when the credentials cannot be used, or Google refuses them. */
  async headers(): Promise<Headers> {
    const from = await this.#credentialJson();
    if (from === undefined) return {};
    try {
      if (this.#client?.from !== from) {
        this.#client = { from, client: this.#open(from) };
      }
      const headers = await this.#client.client.getRequestHeaders();
      return Object.fromEntries(headers.entries());
    } catch (error) {
      throw asCredentialError(error as GoogleError);
    }
  }

  async fingerprint(): Promise<string> {
    const value = (await this.#options.credentials.secret(KEY)) ?? '';
    return createHash('sha256').update(value).digest('hex').slice(0, 16);
  }

  async #credentialJson(): Promise<string | undefined> {
    const { credentials, identity, tokenFile } = this.#options;
    const secret = await credentials.secret(KEY);
    if (secret !== undefined || identity === undefined) return secret;
    const { audience, serviceAccountEmail: email } = identity;
    return JSON.stringify({
      type: 'external_account',
      audience,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: 'https://sts.googleapis.com/v1/token',
      credential_source: { file: tokenFile },
      ...(email !== undefined && {
        service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${email}:generateAccessToken`,
      }),
    });
  }

  #open(json: string): AuthClient {
    const { tokenUrl } = this.#options;
    const client = makeClient(jsonFields(json), tokenUrl);
    if (tokenUrl !== undefined) {
      client.transporter.interceptors.request.add({
        resolved: async (config) => {
          const isToken = String(config.url) === TOKEN_URL;
          return isToken ? { ...config, url: new URL(`${tokenUrl}/token`) } : config;
        },
      });
    }
    return client;
  }
}

/** @throws CredentialError for a type of credentials that is not supported. */
function makeClient(fields: Fields, tokenUrl: string | undefined): AuthClient {
  const text = (name: string) => String(fields[name] ?? '');
  const quotaProject = fields['quota_project_id'];
  const shared = typeof quotaProject === 'string' ? { quotaProjectId: quotaProject } : {};
  switch (fields['type']) {
    case 'service_account':
      return new JWT({
        ...shared,
        email: text('client_email'),
        key: text('private_key'),
        keyId: text('private_key_id'),
        scopes: [SCOPE],
      });
    case 'authorized_user':
      return new UserRefreshClient({
        ...shared,
        clientId: text('client_id'),
        clientSecret: text('client_secret'),
        refreshToken: text('refresh_token'),
      });
    case 'external_account': {
      const options = {
        ...fields,
        ...(tokenUrl !== undefined && { token_url: `${tokenUrl}/v1/token` }),
        ...shared,
        scopes: [SCOPE],
      };
      const client = ExternalAccountClient.fromJSON(
        options as unknown as Parameters<typeof ExternalAccountClient.fromJSON>[0],
      );
      if (client !== null) return client;
    }
  }
  throw new CredentialError(
    `the key ${KEY} of the Secret must have the content of a credentials file of the type service_account, authorized_user or external_account`,
  );
}

interface GoogleError extends Error {
  readonly code?: string;
  readonly response?: { readonly status?: number };
}

function asCredentialError(error: GoogleError): Error {
  if (error instanceof CredentialError || mayPass(error.response?.status, error.code)) return error;
  return new CredentialError(`Google refused the credential (${error.message.slice(0, 200)})`, {
    cause: error,
  });
}
