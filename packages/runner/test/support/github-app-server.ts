import { generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import type { ApiAnswer, ApiRequest } from './api-server.ts';

export const APP_ID = '123456';
export const INSTALLATION_ID = '7654321';

/** Longest lifetime of an App's JWT, in seconds. */
const MAX_LIFETIME = 600;

/** A GitHub App, as GitHub's API knows it. */
export interface IssuingApp {
  /** The App's key in PEM, in the form in which GitHub issues it. */
  readonly privateKey: string;
  /** Tokens that were issued, in order. */
  readonly issued: readonly string[];
  /** Whether a token was issued and has not expired. */
  isValid(token: string): boolean;
  /** Lets an hour pass: no token that was issued so far is valid any longer. */
  expireTokens(): void;
  /** Answers a request for a token; `undefined` for other requests. */
  answer(request: ApiRequest, base: string): ApiAnswer | undefined;
}

/**
 * The part of GitHub's REST API that issues installation tokens. It checks the App's JWT as GitHub does: the
 * signature (RS256), the issuer, and that it is valid now and for at most ten minutes.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export function makeGitHubApp(): IssuingApp {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const issued: string[] = [];
  const valid = new Set<string>();
  return {
    privateKey,
    issued,
    isValid: (token) => valid.has(token),
    expireTokens: () => valid.clear(),
    answer: ({ method, path, headers }, base) => {
      const wanted = /^\/app\/installations\/([0-9]+)\/access_tokens$/.exec(
        path.slice(base.length),
      );
      if (wanted === null || !path.startsWith(base) || method !== 'POST') return undefined;
      const problem = problemOf(headers.authorization ?? '', publicKey);
      if (problem !== undefined) return { status: 401, body: { message: problem } };
      if (wanted[1] !== INSTALLATION_ID) return { status: 404, body: { message: 'Not Found' } };
      const token = `ghs_${randomUUID().replaceAll('-', '')}`;
      issued.push(token);
      valid.add(token);
      const permissions = { contents: 'write', pull_requests: 'write', metadata: 'read' };
      const expires_at = new Date(Date.now() + 3_600_000).toISOString();
      const body = { token, expires_at, permissions, repository_selection: 'selected' };
      return { status: 201, body };
    },
  };
}

/** Why GitHub would not accept an `Authorization` header. */
function problemOf(authorization: string, publicKey: string): string | undefined {
  const [, head = '', claims = '', signature = ''] =
    /^bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization) ?? [];
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}');
  if (read(head).alg !== 'RS256') return 'A JSON web token could not be decoded';
  const isSigned = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  if (!isSigned) return 'A JSON web token could not be decoded';
  const { iss, iat, exp } = read(claims) as { iss: unknown; iat: number; exp: number };
  const now = Date.now() / 1000;
  if (String(iss) !== APP_ID) return "'Issuer' claim ('iss') must be the App's id";
  if (!(exp > now)) return "'Expiration time' claim ('exp') must be a numeric value in the future";
  if (exp - now > MAX_LIFETIME) return "'Expiration time' claim ('exp') is too far in the future";
  if (!(iat <= now)) return "'Issued at' claim ('iat') must be an Integer in the past";
  return undefined;
}
