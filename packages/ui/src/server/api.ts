import type { IncomingMessage, ServerResponse } from 'node:http';
import { visibleIn } from '@agentteam/text';
import { readSteering, steer } from './actions.ts';
import { readDecision } from './decision.ts';
import { sendChanges } from './event-stream.ts';
import { messageOf } from './messages.ts';
import { reply } from './reply.ts';
import type { TeamSource } from './team-source.ts';

/** Names of teams, agents and gate events. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
const NOT_FOUND = { error: 'There is no such address.' };

/**
 * Answers a request below `/api/`:
 *
 *     GET  /api/teams
 *     GET  /api/teams/NAME
 *     GET  /api/teams/NAME/transcripts/AGENT?from=
 *     POST /api/teams/NAME/gates/EVENT   {"decision": "approve", "reason": "…"}
 *     POST /api/teams/NAME/messages      {"agents": [], "text": "…"}; no agents for all
 *     POST /api/teams/NAME/actions/pause also resume and stop
 *     GET  /api/events                   server-sent events; ?team=NAME for one team
 *
 * In all texts, terminal sequences are removed, and characters that reorder or hide text are replaced by their names.
 */
export async function answerApi(
  source: TeamSource,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const { signal } = ended;
  const path = namesIn(url.pathname);
  if (path === undefined) return reply(response, 404, NOT_FOUND);
  const [kind, team, part, name, ...rest] = path;
  try {
    if (request.method === 'POST') {
      if (kind !== 'teams' || team === undefined || rest.length > 0) {
        return reply(response, 404, NOT_FOUND);
      }
      const steering = await readSteering(request, part, name);
      if (typeof steering === 'string') return reply(response, 400, { error: steering });
      if (steering !== undefined) {
        return reply(response, 200, { note: await steer(source, team, steering, signal) });
      }
      if (part !== 'gates' || name === undefined) return reply(response, 404, NOT_FOUND);
      const body = await readDecision(request);
      if (typeof body === 'string') return reply(response, 400, { error: body });
      const note = await source.decide(team, name, body.decision, body.reason);
      return reply(response, 200, { note });
    }
    if (request.method !== 'GET' || rest.length > 0) return reply(response, 404, NOT_FOUND);
    if (kind === 'events' && team === undefined) {
      const shown = url.searchParams.get('team');
      if (shown !== null && !NAME.test(shown)) return reply(response, 404, NOT_FOUND);
      const read = shown === null ? () => source.list() : () => source.detail(shown, signal);
      return await sendChanges(response, async () => visibleIn(await read()), signal);
    }
    if (kind !== 'teams') return reply(response, 404, NOT_FOUND);
    if (team === undefined) return reply(response, 200, visibleIn(await source.list()));
    if (part === undefined) {
      return reply(response, 200, visibleIn(await source.detail(team, signal)));
    }
    if (part !== 'transcripts' || name === undefined) return reply(response, 404, NOT_FOUND);
    const from = url.searchParams.get('from') ?? '';
    const page = await source.transcript(team, name, from, signal);
    return reply(response, 200, { ...visibleIn(page), next: page.next });
  } catch (error) {
    if (signal.aborted || response.headersSent) return void response.end();
    const status = request.method === 'POST' ? 409 : 404;
    return reply(response, status, { error: messageOf(error) });
  }
}

/** @returns the names in a path below `/api/`; undefined if one of them is invalid. */
function namesIn(pathname: string): readonly string[] | undefined {
  const names = pathname.split('/').slice(2);
  return names.every((name) => NAME.test(name)) ? names : undefined;
}
