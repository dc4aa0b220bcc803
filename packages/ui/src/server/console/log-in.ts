import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../messages.ts';
import { readJson } from '../read-json.ts';
import { reply } from '../reply.ts';
import type { Attempts } from './attempts.ts';
import { clientAddress } from './client-address.ts';
import { sessionCookie } from './cookie.ts';
import type { ConsoleOptions } from './options.ts';
import { type Sessions, TooManySessions } from './sessions.ts';

/** Characters of a token of the cluster. */
const TOKEN = /^[\w.~+/=-]{1,16384}$/;

export const TOO_MANY_ATTEMPTS = {
  error: 'There were too many attempts. Wait for a minute, and try again.',
};

/** Answers `POST /api/login` with `{"token": "…"}`: opens a session, and sets its cookie. */
export async function logIn(
  request: IncomingMessage,
  response: ServerResponse,
  { access, ingresses, log }: ConsoleOptions,
  sessions: Sessions,
  attempts: Attempts,
): Promise<void> {
  const from = clientAddress(request, ingresses);
  const body = await readJson(request);
  if (typeof body === 'string') return reply(response, 400, { error: body });
  const { token } = body;
  if (typeof token !== 'string' || !TOKEN.test(token)) {
    return reply(response, 400, { error: 'This does not have the form of a token.' });
  }
  try {
    const review = await attempts.ask(from, () => access.review(token));
    if (review === 'too-many') {
      log({ event: 'login refused', from, reason: 'too many attempts' });
      return reply(response, 429, TOO_MANY_ATTEMPTS);
    }
    if (review === undefined) {
      log({ event: 'login refused', from, reason: 'the API server does not accept the token' });
      const error = 'The cluster does not accept this token. It may have expired.';
      return reply(response, 401, { error });
    }
    const { id, caller } = sessions.open(token, review);
    response.setHeader('set-cookie', sessionCookie(request, id));
    log({ event: 'login', from, user: review.user });
    reply(response, 200, caller.session);
  } catch (error) {
    log({ event: 'login failed', from, reason: messageOf(error) });
    const isFull = error instanceof TooManySessions;
    const sentence = isFull ? 'Too many people are logged in.' : 'The API server does not answer.';
    reply(response, 503, { error: sentence });
  }
}
