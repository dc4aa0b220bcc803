import { randomBytes, verify } from 'node:crypto';
import { rehearsedServiceAccount } from './credentials.ts';

/** Issues access tokens for the rehearsed service account, as Google's token endpoint does (RFC 7523). */
export class GoogleTokens {
  readonly #issued = new Set<string>();

  /** @param form the body of the request. @returns `undefined` when the assertion is not the account's. */
  issue(form: string): object | undefined {
    const assertion = new URLSearchParams(form).get('assertion') ?? '';
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const isSigned = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${claims}`),
      rehearsedServiceAccount().publicKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) return undefined;
    const token = `ya29.${randomBytes(24).toString('base64url')}`;
    this.#issued.add(token);
    return { access_token: token, expires_in: 3600, token_type: 'Bearer' };
  }

  accepts(authorization: string | undefined): boolean {
    const [, token] = /^Bearer (.+)$/.exec(authorization ?? '') ?? [];
    return token !== undefined && this.#issued.has(token);
  }
}
