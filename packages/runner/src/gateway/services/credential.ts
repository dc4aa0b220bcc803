import type { ServiceSecret } from '../credentials.ts';
import type { CredentialHeaders } from '../http/headers.ts';
import type { Service } from './service.ts';

/** The Secret of a service cannot be used. The message is for the agent and the log. */
export class ServiceSecretError extends Error {
  override readonly name: string = 'ServiceSecretError';
}

/** What a header can carry (RFC 9110, 5.5) without spaces at its ends. */
const VALUE = /^[!-~](?:[ -~]*[!-~])?$/;

/**
 * The header with the credential of a service.
 * @param secret the values of the mounted Secret.
 * @throws ServiceSecretError
 */
export function credentialHeader(service: Service, secret: ServiceSecret): CredentialHeaders {
  const { token, username, password } = secret;
  const { name, scheme } = service.header;
  if (token !== undefined) {
    if (!VALUE.test(token))
      throw unusable(service, 'its token has characters that no header can carry');
    return { [name]: scheme === undefined ? token : `${scheme} ${token}` };
  }
  if (username === undefined || password === undefined) {
    throw unusable(
      service,
      'it does not exist, or has neither the key token nor the keys username and password',
    );
  }
  if (username.includes(':')) throw unusable(service, 'its username contains a colon');
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function unusable({ name, secret }: Service, why: string): ServiceSecretError {
  return new ServiceSecretError(
    `the Secret "${secret}" of the service "${name}" cannot be used: ${why}`,
  );
}
