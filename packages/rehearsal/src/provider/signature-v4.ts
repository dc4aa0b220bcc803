import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { REHEARSED_KEYS } from './credentials.ts';

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as in the request line. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
/** AWS refuses signatures that are older or newer than this. */
const SKEW_MS = 5 * 60_000;

/**
 * Checks an AWS Signature Version 4 with the rehearsal's key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @returns what is wrong with it, as AWS names it; `undefined` if it is right.
 */
export function signatureProblem(request: SignedRequest, now: number): string | undefined {
  const { method, target, headers, body } = request;
  const { authorization = '', 'x-amz-date': date } = headers;
  if (authorization === '') return 'MissingAuthenticationTokenException';
  const [, keyId, day, region, service, names = '', signature = ''] =
    AUTHORIZATION.exec(authorization) ?? [];
  if (keyId === undefined || typeof date !== 'string') return 'IncompleteSignatureException';
  if (keyId !== REHEARSED_KEYS.AWS_ACCESS_KEY_ID) return 'UnrecognizedClientException';
  const time = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const signed = names.split(';');
  const isComplete = day === date.slice(0, 8) && service === 'bedrock' && signed.includes('host');
  if (!isComplete || !(Math.abs(now - time) <= SKEW_MS)) return 'InvalidSignatureException';

  const [path = '', query = ''] = target.split('?');
  const canonical = [
    method,
    // Each segment is encoded once more than in the request line.
    path.split('/').map(encode).join('/'),
    query.split('&').filter(Boolean).toSorted().join('&'),
    ...signed.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [day ?? '', region ?? '', service ?? '', 'aws4_request'].reduce<Buffer>(
    (parent, part) => hmac(parent, part),
    Buffer.from(`AWS4${REHEARSED_KEYS.AWS_SECRET_ACCESS_KEY}`),
  );
  const expected = hmac(key, text);
  const isRight = timingSafeEqual(expected, Buffer.from(signature, 'hex'));
  return isRight ? undefined : 'InvalidSignatureException';
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
