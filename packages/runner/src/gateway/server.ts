import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { answerPeers } from '@agentteam/server';
import { passFree } from './flow/pass-free.ts';
import { sendApiError } from './http/api-error.ts';
import { forward, type ReplyObserver } from './http/forward.ts';
import { apiHeaders, mcpHeaders } from './http/headers.ts';
import { Holds } from './http/hold.ts';
import { http } from './http/node-http.ts';
import { refuse, refuseRequest } from './http/refuse.ts';
import { findRoute, type Route, upstreamUrl } from './http/route.ts';
import { tokenCheck } from './http/token.ts';
import { errorReason } from './log.ts';
import { handleMessages } from './messages.ts';
import type { MessagesContext } from './messages-context.ts';
import type { OutboundProxy } from './outbound/outbound-proxy.ts';
import type { ApiRoute } from './provider-api/provider-api.ts';
import { BadRequestError } from './request/bad-request.ts';
import { readBody } from './request/read-body.ts';
import { readRequest } from './request/read-request.ts';
import { Services } from './services/services.ts';
import type { RefusalReason } from './status/metrics.ts';

/** All connections come from the agent's own programs; a build can open hundreds. */
const CONNECTIONS = { each: 1024, all: 1024 };

/**
 * The server for the agent. It serves the Messages API, the declared MCP servers and the declared services.
 * @param outbound the HTTP proxy for an agent whose sandbox has no other way out.
 */
export function makeGatewayServer(
  context: MessagesContext,
  token: string,
  holds: Holds,
  services: Services | undefined,
  outbound?: OutboundProxy,
): Server {
  const carriesToken = tokenCheck(token);
  const server = http.createServer();
  answerPeers(server, CONNECTIONS, (request, response) => {
    if (services !== undefined && Services.isRequest(request)) {
      void services.handle(request, response);
      return;
    }
    if (outbound !== undefined && request.url?.startsWith('http://')) {
      void outbound.forward(request, response);
      return;
    }
    handle(context, carriesToken, holds, request, response).catch((error: unknown) => {
      context.log.error({ event: 'request-failed', reason: errorReason(error) });
      if (response.headersSent) response.destroy();
      else {
        const message = 'The gateway failed with an internal error.';
        sendApiError(response, { status: 500, type: 'api_error', message, retry: true });
      }
    });
  });
  server.on('connect', (request, socket, head) => {
    if (outbound !== undefined) {
      void outbound.tunnel(request, socket, head);
      return;
    }
    // A tunnel would bypass the gateway.
    count(context, 'path');
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  // The CLI keeps connections open during long turns. Closing one while it sends would cost a retry.
  server.keepAliveTimeout = 10 * 60_000;
  return server;
}

async function handle(
  context: MessagesContext,
  carriesToken: ReturnType<typeof tokenCheck>,
  holds: Holds,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '' } = request;
  if (context.api.ignores?.(method, url)) {
    const message = 'The gateway does not list models.';
    sendApiError(response, { status: 403, type: 'permission_error', message, retry: false });
    return;
  }
  if (!carriesToken(request.headers)) {
    count(context, 'token');
    const message = 'The gateway only serves its own agent, which has the token.';
    sendApiError(response, { status: 401, type: 'authentication_error', message, retry: false });
    return;
  }
  if (Holds.isHold(request)) return holds.hold(response);
  const route = context.api.findRoute(method, url) ?? findRoute(method, url, context.config);
  if (route === undefined) {
    count(context, 'path');
    const message =
      'The gateway only forwards requests to the Messages API and the declared MCP servers.';
    sendApiError(response, { status: 403, type: 'permission_error', message, retry: false });
    return;
  }
  switch (route.kind) {
    case 'messages':
      return handleMessages(context, route, request, response);
    case 'count-tokens':
      return handleCountTokens(context, route, request, response);
    default:
      return handleUncharged(context, route, request, response);
  }
}

const UNOBSERVED: ReplyObserver = { head() {}, chunk() {}, end() {}, drains: false };

async function handleUncharged(
  context: MessagesContext,
  route: Extract<Route, { kind: 'models' | 'mcp' }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, credentials, provider, upstream, signal } = context;
  if (route.kind === 'models') {
    if (!(await passFree(context, response))) return;
    context.freeRequests.count();
  }
  const added =
    route.kind === 'models'
      ? (await provider.credential()).headers([])
      : await credentials.mcp(route.server);
  const base = route.kind === 'mcp' ? new URL(route.server.url) : config.upstream;
  const length = request.headers['content-length'];
  const sendsBody = request.method === 'POST';
  const own = sendsBody && length !== undefined ? { ...added, 'content-length': length } : added;
  const { status, error } = await forward({
    upstream,
    url: upstreamUrl(base, route.path),
    method: request.method ?? 'GET',
    headers: (route.kind === 'mcp' ? mcpHeaders : apiHeaders)(request.headers, own),
    body: sendsBody ? request : null,
    response,
    signal,
    observer: UNOBSERVED,
  });
  logForwarded(context, route.kind, status, error);
}

/** Counting tokens costs nothing. Its requests are checked like those for messages. */
async function handleCountTokens(
  context: MessagesContext,
  route: ApiRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, api, provider, upstream, signal } = context;
  const leave = await context.inFlight.enter();
  if (leave === undefined) return refuse(context, response, 'flood');
  const reading = readBody(request, context.bodyMemory);
  try {
    const { bytes: given } = await reading;
    if (!(await passFree(context, response))) return;
    context.freeRequests.count();
    const { fields, bytes, betas } = readRequest(context, route, request.headers, given);
    const { model } = fields;
    const credential = await provider.credential(typeof model === 'string' ? model : undefined);
    const outgoing = {
      method: 'POST',
      url: upstreamUrl(config.upstream, route.path),
      body: bytes,
    } as const;
    const headers = await api.headers(request.headers, { ...outgoing, betas }, credential);
    const { status, error } = await forward({
      ...outgoing,
      upstream,
      headers,
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
    ...(error !== undefined && { broken: errorReason(error) }),
  });
}

function count(context: MessagesContext, reason: RefusalReason): void {
  context.metrics.refused(reason);
  context.log.warn({ event: 'refused', reason });
}
