import { login } from './login.js';

/** The routes by which one signs in. */
export function authRoutes(config) {
  return { 'POST /login': login(config) };
}
