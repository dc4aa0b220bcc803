import { verify } from '../api/auth/jwt.js';

/** Lets a request pass that carries the token of somebody we know. */
export function requireUser({ users, secret, now }, handler) {
  return (request) => {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    const claims = token && verify(token, secret, now());
    const user = claims && users.get(claims.sub);
    if (!user) return { status: 401, body: { error: 'unauthorized' } };
    return handler({ ...request, user });
  };
}
