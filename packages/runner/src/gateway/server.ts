import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { sendApiError } from './api-error.ts';
import { forward, type ReplyObserver } from './forward.ts';
import { requestHeaders } from './headers.ts';
import { Holds } from './hold.ts';
import { errorReason } from './log.ts';
import { handleMessages, jsonHeaders } from './messages.ts';
import type { MessagesContext } from './messages-context.ts';
import type { RefusalReason } from './metrics.ts';
import { http } from './node-http.ts';
import type { Outside } from './outside/outside.ts';
import { refuse, refuseRequest } from './refuse.ts';
import { BadRequestError } from './request/bad-request.ts';
import { allowedBetas, checkRequest } from './request/check-request.ts';
import { parseRequest, writeRequest } from './request/parse-request.ts';
import { readBody } from './request/read-body.ts';
import { findRoute, type Route, upstreamUrl } from './route.ts';
import { carriesToken } from './token.ts';

/**
 * Serves the agent alone: the Messages API and the declared MCP servers, nothing else.
 * @param outside the proxy of an agent that has no other way out of its network.
 */
export function makeGatewayServer(
  context: MessagesContext,
  token: string,
  holds: Holds,
  outside?: Outside,
): Server {
  const server = http.createServer((request, response) => {
    if (outside !== undefined && request.url?.startsWith('http://')) {
      void outside.forward(request, response);
      return;
    }
    handle(context, token, holds, request, response).catch((error: unknown) => {
      context.log.error({ event: 'request-failed', reason: errorReason(error) });
      if (response.headersSent) response.destroy();
      else {
        const message = 'The gateway failed.';
        sendApiError(response, { status: 500, type: 'api_error', message, retry: true });
      }
    });
  });
  server.on('connect', (request, socket, head) => {
    if (outside !== undefined) {
      void outside.tunnel(request, socket, head);
      return;
    }
    // An agent that asks for a tunnel asks for a way past the gateway.
    count(context, 'path');
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  // The CLI keeps connections over long turns; closing one while it sends costs it a retry.
  server.keepAliveTimeout = 10 * 60_000;
  return server;
}

async function handle(
  context: MessagesContext,
  token: string,
  holds: Holds,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!carriesToken(request.headers, token)) {
    count(context, 'token');
    const message = 'This gateway serves its own agent only.';
    sendApiError(response, { status: 401, type: 'authentication_error', message, retry: false });
    return;
  }
  if (Holds.asksFor(request)) return holds.take(response);
  const route = findRoute(request.method ?? '', request.url ?? '', context.config.mcpServers);
  if (route === undefined) {
    count(context, 'path');
    const message = 'The gateway forwards the Messages API and the declared MCP servers only.';
    sendApiError(response, { status: 403, type: 'permission_error', message, retry: false });
    return;
  }
  switch (route.kind) {
    case 'messages':
      return handleMessages(context, route.path, request, response);
    case 'count-tokens':
      return handleCountTokens(context, route.path, request, response);
    default:
      return handleFree(context, route, request, response);
  }
}

const UNOBSERVED: ReplyObserver = { head() {}, chunk() {}, end() {}, hearsOut: false };

async function handleFree(
  context: MessagesContext,
  route: Extract<Route, { kind: 'models' | 'mcp' }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, credentials, upstream, signal } = context;
  const added =
    route.kind === 'models'
      ? await credentials.api([])
      : route.server.credential
        ? await credentials.mcp(route.server.name)
        : {};
  const base = route.kind === 'mcp' ? new URL(route.server.url) : config.upstream;
  const length = request.headers['content-length'];
  const sendsBody = request.method === 'POST';
  const own = sendsBody && length !== undefined ? { ...added, 'content-length': length } : added;
  const { status, error } = await forward({
    upstream,
    url: upstreamUrl(base, route.path),
    method: request.method ?? 'GET',
    headers: requestHeaders(request.headers, own),
    body: sendsBody ? request : null,
    response,
    signal,
    observer: UNOBSERVED,
  });
  logForwarded(context, route.kind, status, error);
}

/** Counting tokens is free of charge. What is counted is checked like what is sent. */
async function handleCountTokens(
  context: MessagesContext,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, credentials, upstream, signal, leftOut } = context;
  const leave = await context.inFlight.enter();
  if (leave === undefined) return refuse(context, response, 'flood');
  const reading = readBody(request, context.bodies);
  try {
    const betas = allowedBetas(request.headers['anthropic-beta'], config.features, leftOut);
    const { bytes: given } = await reading;
    const parsed = parseRequest(given);
    const fields = checkRequest(parsed.fields, config.features, leftOut);
    const bytes = writeRequest(fields, parsed);
    const added = { ...(await credentials.api(betas)), ...jsonHeaders(bytes) };
    const { status, error } = await forward({
      upstream,
      url: upstreamUrl(config.upstream, path),
      method: 'POST',
      headers: requestHeaders(request.headers, added),
      body: bytes,
      response,
      signal,
      observer: UNOBSERVED,
    });
    logForwarded(context, 'count-tokens', status, error);
  } catch (error) {
    if (error instanceof BadRequestError) return refuseRequest(context, response, error);
    if (!response.destroyed) throw error;
  } finally {
    reading.then(
      ({ release }) => release(),
      () => {},
    );
    leave();
  }
}

function logForwarded(
  { log }: MessagesContext,
  kind: Route['kind'],
  status: number,
  error: Error | undefined,
): void {
  log.info({
    event: 'forwarded',
    kind,
    status,
    ...(error === undefined ? {} : { broken: errorReason(error) }),
  });
}

function count(context: MessagesContext, reason: RefusalReason): void {
  context.metrics.refused(reason);
  context.log.warn({ event: 'refused', reason });
}
