import { login } from './login.js';

/** The routes for signing in. */
export function authRoutes(config) {
  return { 'POST /login': login(config) };
}
