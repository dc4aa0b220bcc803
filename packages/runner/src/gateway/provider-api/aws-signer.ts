import { createHash } from 'node:crypto';
import { Hash } from '@smithy/hash-node';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../credentials.ts';
import type { Headers } from '../http/headers.ts';
import type { AwsIdentity, AwsKeys } from './aws-identity.ts';
import { CredentialError, type OutgoingRequest } from './provider-api.ts';
import { jsonHeaders } from './request-headers.ts';

/** Signs requests to Bedrock with AWS Signature Version 4, or sends a Bedrock API key. */
export class AwsSigner {
  readonly #credentials: Credentials;
  readonly #region: string;
  readonly #identity: AwsIdentity | undefined;

  /** @param identity the pod's identity, which is used if no Secret is mounted. */
  constructor(credentials: Credentials, region: string, identity: AwsIdentity | undefined) {
    this.#credentials = credentials;
    this.#region = region;
    this.#identity = identity;
  }

  async sign({ method, url, body }: OutgoingRequest): Promise<Headers> {
    const token = await this.#credentials.secret('AWS_BEARER_TOKEN_BEDROCK');
    if (token !== undefined) return { authorization: `Bearer ${token}` };
    const credentials = (await this.#keys()) ?? (await this.#identity?.keys());
    if (credentials === undefined) return {};
    const signer = new SignatureV4({
      service: 'bedrock',
      region: this.#region,
      credentials,
      sha256: Hash.bind(null, 'sha256'),
    });
    const { 'content-length': _length, ...content } = jsonHeaders(body);
    const { headers } = await signer.sign({
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { host: url.host, ...content },
      ...(body !== null && { body }),
    });
    return headers;
  }

  async fingerprint(): Promise<string> {
    const token = await this.#credentials.secret('AWS_BEARER_TOKEN_BEDROCK');
    const value = token ?? JSON.stringify((await this.#keys()) ?? '');
    return createHash('sha256').update(value).digest('hex').slice(0, 16);
  }

  /** @throws CredentialError when the Secret has only one of the two keys. */
  async #keys(): Promise<AwsKeys | undefined> {
    const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all([
      this.#credentials.secret('AWS_ACCESS_KEY_ID'),
      this.#credentials.secret('AWS_SECRET_ACCESS_KEY'),
      this.#credentials.secret('AWS_SESSION_TOKEN'),
    ]);
    if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      throw new CredentialError(
        'the Secret needs both keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    }
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    };
  }
}
