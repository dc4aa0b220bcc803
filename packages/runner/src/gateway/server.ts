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
import type { OutboundProxy } from './outbound/outbound-proxy.ts';
import { refuse, refuseRequest } from './refuse.ts';
import { BadRequestError } from './request/bad-request.ts';
import { allowedBetas, checkRequest } from './request/check-request.ts';
import { parseRequest, writeRequest } from './request/parse-request.ts';
import { readBody } from './request/read-body.ts';
import { findRoute, type Route, upstreamUrl } from './route.ts';
import { Services } from './services/services.ts';
import { carriesToken } from './token.ts';

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
  const server = http.createServer((request, response) => {
    if (outbound !== undefined && request.url?.startsWith('http://')) {
      void outbound.forward(request, response);
      return;
    }
    if (services !== undefined && Services.isRequest(request)) {
      void services.handle(request, response);
      return;
    }
    handle(context, token, holds, request, response).catch((error: unknown) => {
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
  token: string,
  holds: Holds,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!carriesToken(request.headers, token)) {
    count(context, 'token');
    const message = 'The gateway only serves its own agent, which has the token.';
    sendApiError(response, { status: 401, type: 'authentication_error', message, retry: false });
    return;
  }
  if (Holds.isHold(request)) return holds.hold(response);
  const route = findRoute(request.method ?? '', request.url ?? '', context.config.mcpServers);
  if (route === undefined) {
    count(context, 'path');
    const message =
      'The gateway only forwards requests to the Messages API and the declared MCP servers.';
    sendApiError(response, { status: 403, type: 'permission_error', message, retry: false });
    return;
  }
  switch (route.kind) {
    case 'messages':
      return handleMessages(context, route.path, request, response);
    case 'count-tokens':
      return handleCountTokens(context, route.path, request, response);
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
    headers: requestHeaders(request.headers, own),
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
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { config, provider, upstream, signal, omitted } = context;
  const leave = await context.inFlight.enter();
  if (leave === undefined) return refuse(context, response, 'flood');
  const reading = readBody(request, context.bodyMemory);
  try {
    const betas = allowedBetas(request.headers['anthropic-beta'], config.features, omitted);
    const { bytes: given } = await reading;
    const parsed = parseRequest(given);
    const fields = checkRequest(parsed.fields, config.features, omitted);
    const bytes = writeRequest(fields, parsed);
    const { model } = fields;
    const credential = await provider.credential(typeof model === 'string' ? model : undefined);
    const added = { ...credential.headers(betas), ...jsonHeaders(bytes) };
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
    ...(error !== undefined && { broken: errorReason(error) }),
  });
}

function count(context: MessagesContext, reason: RefusalReason): void {
  context.metrics.refused(reason);
  context.log.warn({ event: 'refused', reason });
}
