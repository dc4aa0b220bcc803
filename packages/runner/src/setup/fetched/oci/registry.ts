import { EXIT, isRecord, type OciReference } from '@agentteam/contract';
import { isOwnMachine } from '../../../own-machine.ts';
import { StepFailure } from '../../../step/failure.ts';
import { parseChallenge } from './challenge.ts';
import type { Login } from './login.ts';

export interface RegistryOptions {
  readonly reference: OciReference;
  /** Absent: anonymous. */
  readonly login: Login | undefined;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 5;
/** Bytes of a token service's answer. */
const MAX_TOKEN_BYTES = 64 << 10;

/**
 * Reads one repository of a registry (OCI Distribution 1.1, "Pull"; the token protocol is Docker's). No
 * published client limits sizes, aborts, and uses a proxy.
 */
export class Registry {
  readonly #options: RegistryOptions;
  readonly #base: URL;
  #authorization: string | undefined;

  constructor(options: RegistryOptions) {
    const { registry, repository } = options.reference;
    this.#options = options;
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const scheme = isOwnMachine(new URL(`https://${host}`).hostname) ? 'http' : 'https';
    this.#base = new URL(`${scheme}://${host}/v2/${repository}/`);
  }

  /**
   * @param path below the repository: `manifests/1.2`.
   * @returns a response with the status 200.
   * @throws StepFailure that says who refused and what to do.
   */
  async get(path: string, accept: string): Promise<Response> {
    const url = new URL(path, this.#base);
    let { response, isOwn } = await this.#send(url, accept);
    // Another host cannot name a token service, which would get the login.
    if (response.status === 401 && isOwn) {
      await response.body?.cancel();
      this.#authorization = await this.#authorize(response.headers.get('www-authenticate'));
      ({ response, isOwn } = await this.#send(url, accept));
    }
    if (response.status === 200) return response;
    await response.body?.cancel();
    throw this.#refusal(response.status);
  }

  /**
   * Follows redirects, which lead to a storage service. Another host does not get the login.
   * @returns the response, and whether it is the registry's own.
   */
  async #send(
    first: URL,
    accept: string,
  ): Promise<{ readonly response: Response; readonly isOwn: boolean }> {
    let url = first;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const isOwn = url.origin === this.#base.origin;
      const response = await this.#fetch(url, {
        headers: {
          accept,
          'accept-encoding': 'identity',
          ...(isOwn && this.#authorization !== undefined && { authorization: this.#authorization }),
        },
      });
      const location = response.headers.get('location');
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null)
        return { response, isOwn };
      await response.body?.cancel();
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (next === undefined || !this.#isSafe(next)) {
        throw new StepFailure(
          `${this.#host} redirects to an address that is not https, or is on this machine`,
          EXIT.refused,
        );
      }
      url = next;
    }
    throw new StepFailure(`${this.#host} redirects more than ${MAX_REDIRECTS} times`, EXIT.refused);
  }

  async #authorize(header: string | null): Promise<string> {
    const { login } = this.#options;
    const challenge = parseChallenge(header);
    if (challenge === undefined) throw this.#refusal(401);
    const basic = login !== undefined && 'username' in login ? basicOf(login) : undefined;
    if (challenge.scheme === 'basic') {
      if (basic === undefined) throw this.#refusal(401);
      return basic;
    }
    const realm = new URL(challenge.realm);
    if (!this.#isSafe(realm)) {
      throw new StepFailure(
        `${this.#host} names a token service that is not https or is on this machine, so nothing was sent to it`,
        EXIT.refused,
      );
    }
    const query = {
      ...(challenge.service !== undefined && { service: challenge.service }),
      scope: `repository:${this.#options.reference.repository}:pull`,
    };
    const response =
      login !== undefined && 'identityToken' in login
        ? await this.#fetch(realm, {
            method: 'POST',
            body: new URLSearchParams({
              ...query,
              grant_type: 'refresh_token',
              client_id: 'agentteam',
              refresh_token: login.identityToken,
            }),
          })
        : await this.#fetch(withQuery(realm, query), {
            headers: basic === undefined ? {} : { authorization: basic },
          });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw this.#refusal(response.status === 404 ? 401 : response.status);
    }
    const answer = await readAtMost(response, MAX_TOKEN_BYTES);
    const token = answer === undefined ? undefined : tokenIn(answer.toString('utf8'));
    if (token !== undefined) return `Bearer ${token}`;
    throw new StepFailure(`the token service of ${this.#host} gives no token`, EXIT.refused);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const { fetch: send, signal } = this.#options;
    try {
      return await send(url.href, { ...init, redirect: 'manual', signal });
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new StepFailure(`${url.host} could not be reached: ${why}`, EXIT.failed, error);
    }
  }

  /** Only a registry on this machine may name an address without encryption, or a service of this machine. */
  #isSafe(url: URL): boolean {
    if (isOwnMachine(url.hostname)) return isOwnMachine(this.#base.hostname);
    return url.protocol === 'https:';
  }

  get #host(): string {
    return this.#options.reference.registry;
  }

  #refusal(status: number): StepFailure {
    const { login, reference } = this.#options;
    const secret = login === undefined ? '' : ` of the Secret ${login.secret}`;
    if (status === 401 || status === 403) {
      const why =
        login === undefined
          ? 'it needs a login, and no Secret has one for it: create one with `kubectl create secret docker-registry` and name it in imagePullSecrets (on your own machine, log in with docker or podman)'
          : status === 401
            ? `it does not accept the login${secret}`
            : `the login${secret} may not pull ${reference.repository}`;
      return new StepFailure(`${this.#host} refused: ${why}`, EXIT.refused);
    }
    if (status === 404) {
      const name = reference.digest ?? reference.tag;
      const what = `${this.#host} has no ${reference.repository} with ${name}`;
      return new StepFailure(
        `${what}${login === undefined ? ', or it needs a login' : `, or the login${secret} may not see it`}`,
        EXIT.refused,
      );
    }
    // Another attempt may help against overload and a failure of the registry.
    const isFinal = status < 500 && status !== 429;
    return new StepFailure(
      `${this.#host} answered with status ${status}`,
      isFinal ? EXIT.refused : EXIT.failed,
    );
  }
}

/** @returns `undefined` for a body that is longer. */
export async function readAtMost(response: Response, max: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > max) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

function tokenIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const { token, access_token: access } = isRecord(answer) ? answer : {};
    const found = token ?? access;
    return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function basicOf({ username, password }: Extract<Login, { readonly username: string }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): URL {
  const whole = new URL(url);
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
  return whole;
}
