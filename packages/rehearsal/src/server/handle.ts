import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorType, type Reply, type ReplySource } from '../api/reply.ts';
import { type MessagesRequest, readRequest } from '../api/request.ts';
import { sendError, sendJson, sendReply } from '../api/send-reply.ts';
import { handleGithub } from '../hosting/github.ts';
import type { PullRequests } from '../hosting/pull-requests.ts';
import { handleMcp } from '../mcp/handle.ts';
import type { McpServers } from '../mcp/servers.ts';
import { readBody } from './read-body.ts';
import { findRoute, type Route } from './route.ts';

/** A request to the Messages API and how it was answered. */
export interface SeenRequest {
  readonly agent: string;
  readonly subagent: boolean;
  readonly request: MessagesRequest;
  /** HTTP status of the answer. */
  readonly status: number;
  /** Number of the turn that was played, from 1; absent for replies that are not in the script. */
  readonly turn?: number;
}

export interface Services {
  readonly source: ReplySource;
  readonly mcp: McpServers;
  readonly pullRequests: PullRequests;
  readonly onRequest: (seen: SeenRequest) => void;
}

export async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  services: Services,
  signal: AbortSignal,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const route = findRoute(url);
  if (route === undefined) return fail(response, 404, `unknown path ${url}`);
  const body = await readBody(request);
  switch (route.kind) {
    case 'mcp':
      return handleMcp(response, method, body, route.server, services.mcp);
    case 'github':
      return handleGithub(response, method, route, body, services.pullRequests);
    case 'count-tokens':
      // Four characters per token are accurate enough: the CLI only uses the count as an estimate.
      return sendJson(response, 200, { input_tokens: Math.ceil(body.length / 4) });
    case 'models':
      if (method !== 'GET') return fail(response, 405, `${method} is not allowed here`);
      return handleModels(response, route, services);
    case 'messages':
      if (method !== 'POST') return fail(response, 405, `${method} is not allowed here`);
      return handleMessages(request, response, route, body, services, signal);
  }
}

/** Answers the preflight of a gateway. A rehearsal offers every model. */
function handleModels(
  response: ServerResponse,
  { agent, model }: Extract<Route, { readonly kind: 'models' }>,
  { source }: Services,
): void {
  const error = source.modelsError?.(agent);
  const id = model ?? 'claude-rehearsal';
  const entry = { type: 'model', id, display_name: id, created_at: MADE_AT };
  if (error !== undefined) sendError(response, error);
  else if (model !== undefined) sendJson(response, 200, entry);
  else sendJson(response, 200, { data: [entry], first_id: id, last_id: id, has_more: false });
}

const MADE_AT = '2026-01-01T00:00:00Z';

async function handleMessages(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { agent }: Extract<Route, { readonly kind: 'messages' }>,
  body: string,
  { source, onRequest }: Services,
  signal: AbortSignal,
): Promise<void> {
  const request = readRequest(body);
  if (request === undefined)
    return fail(response, 400, 'the body is not a request to the Messages API');
  // The CLI marks requests of sub-agents in a header or in the first block of the system prompt.
  const named = headers['x-claude-code-agent-id'] !== undefined;
  const subagent = named || request.system.includes('cc_is_subagent=true');
  const reply = await source.reply({ agent, subagent, request });
  const status = reply.kind === 'model' ? 200 : reply.status;
  onRequest({ agent, subagent, request, status, ...turnOf(reply) });
  await sendReply(response, reply, request, signal);
}

function turnOf(reply: Reply): { readonly turn?: number } {
  return reply.kind === 'model' && reply.turn !== undefined ? { turn: reply.turn } : {};
}

export function fail(response: ServerResponse, status: number, message: string): void {
  sendError(response, { kind: 'error', status, type: errorType(status), message, headers: {} });
}
