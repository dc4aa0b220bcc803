import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SERVICES_PATH } from '@agentteam/contract';
import type { Credentials } from '../credentials.ts';
import { connectionCode } from '../http/forward.ts';
import type { CredentialHeaders } from '../http/headers.ts';
import { errorReason, type Logger } from '../log.ts';
import type { Metrics } from '../status/metrics.ts';
import { StaleConnectionError, type UpstreamReply } from '../upstream/exchange.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { decoderFor } from '../usage/decode-body.ts';
import { credentialHeader, ServiceSecretError } from './credential.ts';
import { findService, guardedPath, serviceTarget } from './find-service.ts';
import {
  hasBody,
  isFromForeignPage,
  serviceReplyHeaders,
  serviceRequestHeaders,
} from './headers.ts';
import { pathAtGateway, shownTarget } from './redirect.ts';
import { answerForService } from './refusal.ts';
import { mayHaveAddresses, Rewriting } from './rewriting.ts';
import type { Service } from './service.ts';
import { Silence, TimeoutError } from './silence.ts';

/** Concurrent requests of one agent to services. Package managers send up to about fifty. */
const MAX_OPEN = 128;

export interface ServicesOptions {
  readonly services: readonly Service[];
  /** Whether others share the loopback on which the gateway listens. */
  readonly isGuarded: boolean;
  /** The gateway's token, from which the guarded path is derived. */
  readonly token: string;
  readonly credentials: Credentials;
  readonly upstream: Upstream;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Aborts when the gateway must end at once. */
  readonly signal: AbortSignal;
}

/** An error that the agent's client gets. */
class ServiceError extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** What is logged of a request. */
interface Traffic {
  sent: number;
  received: number;
}

/** Forwards requests to an agent's services, and adds their credentials. */
export class Services {
  /** Before `/<name>/` in the address of a service. */
  readonly root: string;
  readonly #options: ServicesOptions;
  #open = 0;

  constructor(options: ServicesOptions) {
    this.#options = options;
    this.root = options.isGuarded ? guardedPath(options.token) : SERVICES_PATH;
  }

  static isRequest(request: IncomingMessage): boolean {
    return serviceTarget(request).startsWith(`${SERVICES_PATH}/`);
  }

  /** Answers a request. Never throws. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { services, log, metrics } = this.#options;
    const found = isFromForeignPage(request.headers)
      ? { status: 403, message: 'web pages may not use the services of an agent' }
      : findService(serviceTarget(request), this.root, services);
    if ('message' in found) {
      metrics.refused('service');
      log.warn({ event: 'refused', reason: 'service', status: found.status });
      answerForService(request, response, found.status, found.message);
      return;
    }
    const { service, path } = found;
    const began = performance.now();
    const traffic: Traffic = { sent: 0, received: 0 };
    let error: unknown;
    this.#open += 1;
    try {
      if (this.#open > MAX_OPEN) {
        throw new ServiceError(503, `at most ${MAX_OPEN} requests to services can be open`);
      }
      await this.#forward(service, path, request, response, traffic);
    } catch (thrown) {
      error = thrown;
      this.#fail(service, request, response, thrown);
    } finally {
      this.#open -= 1;
    }
    const status = response.headersSent ? response.statusCode : 0;
    metrics.service(service.name, status);
    const isRejected = status === 401 && service.secret !== undefined && error === undefined;
    log[error === undefined && !isRejected ? 'info' : 'warn']({
      event: 'service',
      service: service.name,
      method: request.method,
      status,
      ms: Math.round(performance.now() - began),
      ...traffic,
      ...(isRejected && { rejectedSecret: service.secret }),
      ...(error !== undefined && { error: logged(error) }),
    });
  }

  async #forward(
    service: Service,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    traffic: Traffic,
  ): Promise<void> {
    const { method = 'GET', headers } = request;
    if (!service.methods.includes(method)) {
      const allowed = service.methods.join(', ');
      throw new ServiceError(405, `the service "${service.name}" only allows ${allowed}`);
    }
    const credential = await this.#credential(service);
    const url = new URL(`${service.base.href}${path}`);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const silence = new Silence();
    try {
      const signal = AbortSignal.any([gone.signal, silence.signal, this.#options.signal]);
      const body = hasBody(headers)
        ? request.pipe(counter(silence, (bytes) => (traffic.sent += bytes)))
        : null;
      const send = () =>
        this.#options.upstream.send({
          url,
          method,
          headers: serviceRequestHeaders(headers, credential),
          body,
          signal,
          onSent: () => silence.connected(),
        });
      const reply = await send().catch((error: unknown) => {
        // The service has closed a kept connection, and has not seen the request.
        if (error instanceof StaleConnectionError && body === null) return send();
        throw error;
      });
      silence.heard();
      await this.#reply(service, url, request, response, reply, (bytes) => {
        silence.heard();
        traffic.received += bytes;
      });
    } catch (error) {
      throw silence.signal.aborted ? silence.signal.reason : error;
    } finally {
      silence.end();
    }
  }

  async #reply(
    service: Service,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
    { status, headers, body, isComplete }: UpstreamReply,
    heard: (bytes: number) => void,
  ): Promise<void> {
    const origin = `http://${request.headers.host}`;
    const { services } = this.#options;
    const rewriting = new Rewriting({ services, answering: service, root: this.root, origin });
    let location: string | undefined;
    if (headers.location !== undefined && status >= 200 && status < 400) {
      const target = URL.canParse(headers.location, url.href)
        ? new URL(headers.location, url)
        : undefined;
      location = target && pathAtGateway(target, services, this.root);
      if (location === undefined && status >= 300) {
        body.destroy();
        throw redirectsElsewhere(service, target);
      }
    }
    const coding = headers['content-encoding'];
    // A part of a file keeps its bytes: their positions count.
    const rewritten =
      mayHaveAddresses(headers['content-type']) &&
      status !== 206 &&
      request.method !== 'HEAD' &&
      /^(?:identity|gzip|x-gzip|)$/i.test(coding ?? '');
    response.writeHead(status, {
      ...serviceReplyHeaders(headers, {
        rewriting,
        ...(location !== undefined && { location }),
        rewritten:
          rewritten || (request.method === 'HEAD' && mayHaveAddresses(headers['content-type'])),
      }),
      ...(status === 401 &&
        service.secret !== undefined && {
          'agentteam-service': `${service.name}: the credential of the Secret ${service.secret} was rejected`,
        }),
    });
    response.flushHeaders();
    const changes = rewritten ? [decoderFor(coding), rewriting.stream()] : [];
    const stages = [counter(undefined, heard), ...changes].filter((stage) => stage !== undefined);
    await pipeline([body, ...stages, response], { end: false });
    if (!isComplete()) throw new Error('the service broke off the reply');
    response.end();
  }

  async #credential(service: Service): Promise<CredentialHeaders> {
    if (service.secret === undefined) return {};
    return credentialHeader(service, await this.#options.credentials.service(service.name));
  }

  /** Tells the agent's client what went wrong; a reply that has begun is broken off. */
  #fail(
    service: Service,
    request: IncomingMessage,
    response: ServerResponse,
    error: unknown,
  ): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const [status, message] = shown(service, error);
    answerForService(request, response, status, message);
  }
}

/** The answer to a request that failed. It names no address and no proxy. */
function shown({ name }: Service, error: unknown): readonly [status: number, message: string] {
  if (error instanceof ServiceError) return [error.status, error.message];
  if (error instanceof ServiceSecretError) return [502, error.message];
  if (error instanceof TimeoutError) return [504, `the service "${name}" ${error.message}`];
  const code = connectionCode(error);
  return [502, `the service "${name}" cannot be reached${code === undefined ? '' : ` (${code})`}`];
}

function logged(error: unknown): string {
  const isOwn = [ServiceError, ServiceSecretError, TimeoutError].some(
    (kind) => error instanceof kind,
  );
  return isOwn ? (error as Error).message : errorReason(error);
}

/** @param target where the service redirects to. Its query may hold a signature, and is not shown. */
function redirectsElsewhere({ name, base }: Service, target: URL | undefined): ServiceError {
  const hint =
    target?.host === base.host && target.protocol !== base.protocol
      ? `set its url to ${target.protocol}//`
      : 'to allow it, declare a service for that address';
  return new ServiceError(
    403,
    `the service "${name}" redirects to ${shownTarget(target)}, which no service of this agent covers; ${hint}`,
  );
}

/** Passes bytes on and counts them. */
function counter(silence: Silence | undefined, count: (bytes: number) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      silence?.heard();
      count(chunk.length);
      done(null, chunk);
    },
  });
}
