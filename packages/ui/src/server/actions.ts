import type { IncomingMessage } from 'node:http';
import { readJson } from './read-json.ts';
import type { TeamSource } from './team-source.ts';

/** Bytes of a request with a message, whose text has at most 16,384 characters. */
const MOST_BYTES = 98_304;
const MOST_AGENTS = 64;

const ACTIONS = ['pause', 'resume', 'stop', 'read-files'] as const;
type Action = (typeof ACTIONS)[number];

/** What a person wants a team to do, besides answers to gates. */
export type Steering =
  | { readonly kind: 'tell'; readonly agents: readonly string[]; readonly text: string }
  | { readonly kind: 'interrupt'; readonly agent: string }
  | { readonly kind: Action };

/**
 * Reads a request below `/api/teams/NAME/`: `POST messages` with `{"agents": [], "text": "…"}`, where no agents
 * means all, or with `{}` one of `POST interrupts/AGENT`, `actions/pause`, `actions/resume`, `actions/stop` and
 * `actions/read-files`.
 * @returns undefined for another path, and a sentence if the body is invalid.
 */
export async function readSteering(
  request: IncomingMessage,
  part: string | undefined,
  name: string | undefined,
): Promise<Steering | string | undefined> {
  const isMessage = part === 'messages' && name === undefined;
  const bare = bareSteering(part, name);
  if (!isMessage && bare === undefined) return undefined;
  const body = await readJson(request, MOST_BYTES);
  if (typeof body === 'string') return body;
  if (bare !== undefined) return bare;
  const { agents = [], text } = body;
  if (!Array.isArray(agents) || agents.length > MOST_AGENTS || !agents.every(isText)) {
    return 'The agents must be a list of names.';
  }
  if (!isText(text) || text.trim() === '') return 'The message is empty.';
  return { kind: 'tell', agents, text };
}

/** What a path says, where the body of the request is empty. */
function bareSteering(part: string | undefined, name: string | undefined): Steering | undefined {
  if (part === 'interrupts' && name !== undefined) return { kind: 'interrupt', agent: name };
  const action = part === 'actions' ? ACTIONS.find((known) => known === name) : undefined;
  return action && { kind: action };
}

/** Carries out what a person wants, as the caller. @returns a remark for the user. */
export async function steer(
  source: TeamSource,
  team: string,
  steering: Steering,
  signal: AbortSignal,
): Promise<string | undefined> {
  switch (steering.kind) {
    case 'tell':
      return source.tell(team, steering.agents, steering.text, signal);
    case 'interrupt':
      await source.interrupt(team, steering.agent, signal);
      return undefined;
    case 'pause':
      return source.pause(team);
    case 'resume':
      return source.resume(team);
    case 'stop':
      return source.stop(team);
    case 'read-files':
      await source.readFiles(team);
      return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
