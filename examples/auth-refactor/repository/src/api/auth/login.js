import { hasPassword } from '../../users.js';
import { sign } from './jwt.js';

const LIFETIME = 60 * 60;

/** POST /login: returns a JWT for a name and its password. */
export function login({ users, secret, now }) {
  return ({ body }) => {
    const user = users.get(body.name);
    if (user === undefined || !hasPassword(user, String(body.password))) {
      return { status: 401, body: { error: 'invalid_credentials' } };
    }
    const expires = Math.floor(now() / 1000) + LIFETIME;
    return { status: 200, body: { token: sign({ sub: user.name, exp: expires }, secret) } };
  };
}
