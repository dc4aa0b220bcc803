import { verify } from '../api/auth/jwt.js';

/** Passes requests with the token of a known user on to the handler. */
export function requireUser({ users, secret, now }, handler) {
  return (request) => {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const claims = token && verify(token, secret, now());
    const user = claims && users.get(claims.sub);
    if (!user) return { status: 401, body: { error: 'unauthorized' } };
    return handler({ ...request, user });
  };
}
