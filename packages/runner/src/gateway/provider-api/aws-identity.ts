import type { WorkloadIdentity } from '@agentteam/contract';
import type { Proxies } from '@agentteam/notify/proxies';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import { fromTokenFile } from '@aws-sdk/credential-provider-web-identity';
import { SecureAgent } from '../upstream/secure.ts';
import { CredentialError, mayPass } from './provider-api.ts';

/** Keys for AWS, which may be temporary. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The address at which EKS's agent on each node supplies credentials for EKS Pod Identity. */
const POD_IDENTITY_URL = 'http://169.254.170.23/v1/credentials';
/** Temporary keys are replaced this long before they expire. */
const RENEW_MS = 5 * 60_000;

export interface AwsIdentityOptions {
  readonly identity: WorkloadIdentity;
  readonly region: string;
  /** File with the token of the pod's service account. */
  readonly tokenFile: string;
  /** Base URL in place of the service of AWS that exchanges the token. */
  readonly tokenUrl: string | undefined;
  readonly proxies: Proxies;
}

type Found = AwsKeys & { readonly expiration?: Date };

/** The identity of the gateway's pod in AWS: an IAM role for its service account, or EKS Pod Identity. */
export class AwsIdentity {
  readonly #options: AwsIdentityOptions;
  #found: Promise<Found> | undefined;
  #renewAt = 0;

  constructor(options: AwsIdentityOptions) {
    this.#options = options;
  }

  /** Names it in messages. */
  get name(): string {
    return this.#options.identity.roleArn ?? 'EKS Pod Identity';
  }

  /** Its current keys. @throws CredentialError when AWS refuses the identity. */
  async keys(): Promise<AwsKeys> {
    if (this.#found === undefined || Date.now() >= this.#renewAt) {
      this.#renewAt = Number.POSITIVE_INFINITY;
      this.#found = this.#find();
    }
    try {
      const { expiration, ...keys } = await this.#found;
      if (expiration !== undefined) this.#renewAt = expiration.getTime() - RENEW_MS;
      return keys;
    } catch (error) {
      this.#found = undefined;
      throw asCredentialError(error as AwsError, this.name);
    }
  }

  async #find(): Promise<Found> {
    const { identity, region, tokenFile, tokenUrl, proxies } = this.#options;
    const { roleArn } = identity;
    if (roleArn === undefined) {
      return fromHttp({
        awsContainerCredentialsFullUri: tokenUrl ?? POD_IDENTITY_URL,
        awsContainerAuthorizationTokenFile: tokenFile,
      })();
    }
    return fromTokenFile({
      roleArn,
      webIdentityTokenFile: tokenFile,
      roleSessionName: 'agentteam',
      clientConfig: {
        region,
        ...(tokenUrl !== undefined && { endpoint: tokenUrl }),
        requestHandler: { httpsAgent: new SecureAgent(proxies) },
      },
    })();
  }
}

interface AwsError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly code?: string;
}

function asCredentialError(error: AwsError, name: string): Error {
  if (mayPass(error.$metadata?.httpStatusCode, error.code)) return error;
  return new CredentialError(`AWS refused ${name} (${error.message.slice(0, 200)})`, {
    cause: error,
  });
}
