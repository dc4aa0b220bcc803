import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorType, type Reply, type ReplySource } from '../api/reply.ts';
import { type MessagesRequest, readRequest } from '../api/request.ts';
import { sendError, sendJson, sendReply } from '../api/send-reply.ts';
import { handleGithub } from '../hosting/github.ts';
import type { PullRequests } from '../hosting/pull-requests.ts';
import { handleMcp } from '../mcp/handle.ts';
import type { McpServers } from '../mcp/servers.ts';
import { anthropicBody, CLOUD_FORMATS, credentialProblem } from '../provider/cloud.ts';
import type { GoogleTokens } from '../provider/google-tokens.ts';
import type { WireFormat } from '../provider/wire-format.ts';
import { readBody } from './read-body.ts';
import { type CloudRoute, findRoute, type Route } from './route.ts';

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
  readonly googleTokens: GoogleTokens;
  readonly onRequest: (seen: SeenRequest) => void;
  readonly onReply: (seen: SeenRequest) => Promise<void>;
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
    case 'google-token': {
      const token = services.googleTokens.issue(body);
      if (token !== undefined) return sendJson(response, 200, token);
      return sendJson(response, 400, { error: 'invalid_grant', error_description: 'Bad JWT' });
    }
    case 'cloud':
      return handleCloud(request, response, route, body, services, signal);
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

/** Answers a request in the format of a cloud, after a check of its credential. */
async function handleCloud(
  request: IncomingMessage,
  response: ServerResponse,
  route: CloudRoute,
  body: string,
  services: Services,
  signal: AbortSignal,
): Promise<void> {
  const { agent, cloud, operation } = route;
  const format = CLOUD_FORMATS[cloud];
  const problem = credentialProblem(cloud, request, body, services.googleTokens);
  if (problem !== undefined) {
    return sendError(response, { kind: 'error', headers: {}, ...problem }, format);
  }
  const error = operation === 'messages' ? undefined : services.source.modelsError?.(agent);
  if (error !== undefined) return sendError(response, error, format);
  switch (operation) {
    case 'profiles':
      // A rehearsal offers every model, so it cannot list them.
      return sendJson(response, 200, { inferenceProfileSummaries: [], nextToken: 'more' });
    case 'count-tokens':
      return sendJson(response, 200, counted(cloud, Math.ceil(body.length / 4)));
    case 'messages':
      return handleMessages(
        request,
        response,
        { agent, format },
        anthropicBody(route, body),
        services,
        signal,
      );
  }
}

function counted(cloud: CloudRoute['cloud'], tokens: number): object {
  return cloud === 'bedrock' ? { inputTokens: tokens } : { input_tokens: tokens };
}

async function handleMessages(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { agent, format }: { readonly agent: string; readonly format?: WireFormat },
  body: string,
  { source, onRequest, onReply }: Services,
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
  const seen = { agent, subagent, request, status, ...turnOf(reply) };
  onRequest(seen);
  await onReply(seen);
  await sendReply(response, reply, request, signal, format);
}

function turnOf(reply: Reply): { readonly turn?: number } {
  return reply.kind === 'model' && reply.turn !== undefined ? { turn: reply.turn } : {};
}

export function fail(response: ServerResponse, status: number, message: string): void {
  sendError(response, { kind: 'error', status, type: errorType(status), message, headers: {} });
}
