import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TeamDetail } from '@agentteam/detail';
import { visibleIn } from '@agentteam/text';
import { readSteering, steer } from './actions.ts';
import type { Caller } from './caller.ts';
import { readAnswer, readDecision } from './decision.ts';
import { sendChanges } from './event-stream.ts';
import { messageOf } from './messages.ts';
import { reply } from './reply.ts';
import type { TeamRows } from './team-source.ts';

/** Names of teams, agents and gate events. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
/** Entries of a page of a transcript. */
const TRANSCRIPT_ENTRIES = 200;
/** Names of namespaces. */
const NAMESPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;
const NOT_FOUND = { error: 'There is no such address.' };
const READ_ONLY = {
  error: 'This page is read-only. Use the command line, or ask an administrator to set ui.actions.',
};

/**
 * Answers a request below `/api/`:
 *
 *     GET  /api/session              who the caller is
 *     GET  /api/teams                ?namespace=NAME for one namespace, where there are several
 *     GET  /api/teams/NAME
 *     GET  /api/teams/NAME/transcripts/AGENT?from=&limit=
 *     POST /api/teams/NAME/gates/EVENT   {"decision": "approve", "reason": "…"}
 *     POST /api/teams/NAME/questions/ID  {"text": "…"}
 *     POST /api/teams/NAME/messages      {"agents": [], "text": "…"}; no agents for all
 *     POST /api/teams/NAME/interrupts/AGENT
 *     POST /api/teams/NAME/actions/pause also resume, stop and read-files
 *     GET  /api/events                   server-sent events; ?team=NAME for one team, ?namespace= as above
 *
 * NAME is the key of a team in the list. Everything is read and done with the rights of the caller. In all
 * texts, terminal sequences are removed, and characters that reorder or hide text are replaced by their names.
 */
export async function answerApi(
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const signal = AbortSignal.any([ended.signal, caller.ended]);
  const path = namesIn(url.pathname);
  if (path === undefined) return reply(response, 404, NOT_FOUND);
  try {
    if (request.method === 'POST') await act(caller, path, request, response, signal);
    else if (request.method === 'GET') await show(caller, path, url, response, signal);
    else reply(response, 404, NOT_FOUND);
  } catch (error) {
    if (signal.aborted || response.headersSent) return void response.end();
    const status = request.method === 'POST' ? 409 : 404;
    return reply(response, status, { error: messageOf(error) });
  }
}

/** Does what a person wants, and replies with a remark for them. */
async function act(
  { session, source }: Caller,
  path: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  if (!session.mayAct) return reply(response, 403, READ_ONLY);
  const [kind, team, part, name, ...rest] = path;
  if (kind !== 'teams' || team === undefined || rest.length > 0) {
    return reply(response, 404, NOT_FOUND);
  }
  const steering = await readSteering(request, part, name);
  if (typeof steering === 'string') return reply(response, 400, { error: steering });
  if (steering !== undefined) {
    return reply(response, 200, { note: await steer(source, team, steering, signal) });
  }
  if (part === 'questions' && name !== undefined) {
    const given = await readAnswer(request);
    if ('problem' in given) return reply(response, 400, { error: given.problem });
    return reply(response, 200, { note: await source.answer(team, name, given.text, signal) });
  }
  if (part !== 'gates' || name === undefined) return reply(response, 404, NOT_FOUND);
  const body = await readDecision(request);
  if (typeof body === 'string') return reply(response, 400, { error: body });
  const note = await source.decide(team, name, body.decision, body.reason);
  return reply(response, 200, { note });
}

/** Replies with what a person may see: the session, teams, a transcript, or changes as they happen. */
async function show(
  { session, source, reads, intervalMs }: Caller,
  path: readonly string[],
  url: URL,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const [kind, team, part, name, ...rest] = path;
  if (rest.length > 0) return reply(response, 404, NOT_FOUND);
  if (kind === 'session' && team === undefined) return reply(response, 200, session);
  const namespace = url.searchParams.get('namespace') ?? undefined;
  if (namespace !== undefined && !NAMESPACE.test(namespace)) {
    return reply(response, 400, { error: 'The name of the namespace is invalid.' });
  }
  if (kind === 'events' && team === undefined) {
    const shown = url.searchParams.get('team');
    if (shown !== null && !NAME.test(shown)) return reply(response, 404, NOT_FOUND);
    const read = (until: AbortSignal): Promise<TeamRows | TeamDetail> =>
      shown === null ? source.list(namespace) : source.detail(shown, until);
    const key = shown === null ? `list ${namespace ?? ''}` : `team ${shown}`;
    const shared = () => reads.read(key, async (until) => visibleIn(await read(until)));
    return await sendChanges(response, shared, intervalMs, signal);
  }
  if (kind !== 'teams') return reply(response, 404, NOT_FOUND);
  if (team === undefined) return reply(response, 200, visibleIn(await source.list(namespace)));
  if (part === undefined) {
    return reply(response, 200, visibleIn(await source.detail(team, signal)));
  }
  if (part !== 'transcripts' || name === undefined) return reply(response, 404, NOT_FOUND);
  const from = url.searchParams.get('from') ?? '';
  const limit = Number(url.searchParams.get('limit') ?? TRANSCRIPT_ENTRIES);
  const page = await source.transcript(team, name, { from, limit }, signal);
  return reply(response, 200, { ...visibleIn(page), next: page.next });
}

/** @returns the names in a path below `/api/`; undefined if one of them is invalid. */
function namesIn(pathname: string): readonly string[] | undefined {
  const names = pathname.split('/').slice(2);
  return names.every((name) => NAME.test(name)) ? names : undefined;
}
