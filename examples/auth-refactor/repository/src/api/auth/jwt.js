import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

export function sign(claims, secret) {
  const content = `${HEADER}.${encode(claims)}`;
  return `${content}.${signature(content, secret).toString('base64url')}`;
}

/** The claims of a token; undefined if its signature is wrong or it has expired. */
export function verify(token, secret, now) {
  const [header, claims, signed] = token.split('.');
  if (header !== HEADER || claims === undefined || signed === undefined) return undefined;
  const expected = signature(`${header}.${claims}`, secret);
  const given = Buffer.from(signed, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return exp * 1000 > now ? { sub, exp } : undefined;
}

function signature(content, secret) {
  return createHmac('sha256', secret).update(content).digest();
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
