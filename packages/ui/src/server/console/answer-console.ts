import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerApi } from '../api.ts';
import { type Asset, NO_PAGE, sendAsset } from '../assets.ts';
import { type Caller, CSRF_HEADER, type Session } from '../caller.ts';
import { SECURITY_HEADERS } from '../guard.ts';
import { reply } from '../reply.ts';
import { isSameSecret } from '../same-secret.ts';
import { Attempts } from './attempts.ts';
import { callerOfProxy, callerWithToken, type Refusal } from './authenticate.ts';
import { expiredCookie, sessionIdIn } from './cookie.ts';
import { logIn } from './log-in.ts';
import type { ConsoleOptions } from './options.ts';
import { foreignTo } from './origin.ts';
import { People } from './people.ts';
import type { SecureFiles } from './secure-files.ts';
import { Sessions } from './sessions.ts';
import { Streams } from './streams.ts';

const BASE = 'http://page';
/** Milliseconds until a stream ends, and the page opens the next one. */
const STREAM_MS = 600_000;

/** Answers the requests of the page in a cluster, each with the rights of its caller. */
export class ConsoleAnswers {
  /** The newest content of the mounted Secrets. */
  files: SecureFiles;
  readonly #options: ConsoleOptions;
  readonly #assets: ReadonlyMap<string, Asset>;
  readonly #sessions: Sessions | undefined;
  readonly #people: People;
  readonly #attempts = new Attempts();
  readonly #streams = new Streams();
  #isClosing = false;

  constructor(options: ConsoleOptions, assets: ReadonlyMap<string, Asset>, files: SecureFiles) {
    const { access, authentication, mayAct } = options;
    this.files = files;
    this.#options = options;
    this.#assets = assets;
    this.#people = new People(access, mayAct);
    if (authentication.mode === 'token') {
      this.#sessions = new Sessions(access, authentication.sessionMs, mayAct);
    }
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const target = request.url ?? '/';
    // Some targets, such as `//`, are no URL.
    if (!URL.canParse(target, BASE)) return reply(response, 404, NO_PAGE);
    const url = new URL(target, BASE);
    // The kubelet asks by the address of the pod.
    if (url.pathname === '/healthz') return reply(response, 200, {});
    if (url.pathname === '/readyz') return reply(response, this.#isClosing ? 503 : 200, {});
    const foreign = foreignTo(this.#options.hosts, request);
    if (foreign !== undefined) return reply(response, 403, { error: foreign });
    if (!url.pathname.startsWith('/api/')) {
      return sendAsset(response, request.method, this.#assets.get(url.pathname));
    }
    const isPost = request.method === 'POST';
    if (isPost && url.pathname === '/api/login' && this.#sessions !== undefined) {
      return logIn(request, response, this.#options, this.#sessions, this.#attempts);
    }
    const caller = await this.#callerOf(request);
    if ('status' in caller) {
      const { status, ...refusal } = caller;
      return reply(response, status, refusal);
    }
    if (isPost && !isFromPage(request, caller.session)) {
      return reply(response, 403, { error: 'The page is out of date. Reload it.' });
    }
    if (isPost && url.pathname === '/api/logout') return this.#logOut(request, response, caller);
    if (isPost) this.#logWhenDone(response, url.pathname, caller);
    if (url.pathname === '/api/events') {
      const release = this.#streams.take(caller);
      if (release === undefined) {
        return reply(response, 429, { error: 'Too many pages are open. Close some of them.' });
      }
      response.on('close', release);
      // The next stream of the page shows whether the proxy still lets the person in.
      const ended = AbortSignal.any([caller.ended, AbortSignal.timeout(STREAM_MS)]);
      return answerApi({ ...caller, ended }, request, response, url);
    }
    await answerApi(caller, request, response, url);
  }

  /** Is no longer ready, and ends all streams. */
  close(): void {
    this.#isClosing = true;
    this.#sessions?.close();
    this.#people.close();
  }

  async #callerOf(request: IncomingMessage): Promise<Caller | Refusal> {
    const { authentication } = this.#options;
    if (authentication.mode === 'proxy') {
      return callerOfProxy(request, authentication, this.files, this.#people);
    }
    if (this.#sessions === undefined) return { status: 401, error: 'Nobody can log in.' };
    return callerWithToken(request, this.#options, this.#sessions, this.#attempts);
  }

  #logOut(request: IncomingMessage, response: ServerResponse, { session }: Caller): void {
    this.#sessions?.end(sessionIdIn(request) ?? '');
    response.setHeader('set-cookie', expiredCookie(request));
    this.#options.log({ event: 'logout', user: session.user });
    reply(response, 200, {});
  }

  #logWhenDone(response: ServerResponse, path: string, { session: { user } }: Caller): void {
    const { log } = this.#options;
    response.on('finish', () => log({ event: 'action', user, path, status: response.statusCode }));
  }
}

function isFromPage({ headers }: IncomingMessage, { csrf }: Session): boolean {
  return csrf !== undefined && isSameSecret(String(headers[CSRF_HEADER] ?? ''), csrf);
}
