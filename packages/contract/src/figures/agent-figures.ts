import { REPORT_OUTCOMES } from '../ends/report.ts';
import { AGENT_PHASES, type AgentLive } from '../state.ts';
import { LEAD } from '../values/agent-name.ts';
import { toActivity } from './activity.ts';
import {
  count,
  counts,
  InvalidFigures,
  NAME,
  optionalText,
  optionalTime,
  record,
  text,
  USD,
} from './figures-fields.ts';
import { toProviderWait } from './provider-wait.ts';

const LONGEST_REPORT = 4096;
const LONGEST_MESSAGE = 1024;
const LIVE_PHASES = [...AGENT_PHASES, 'waiting'] as const;
export const TOKENS = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const;
export const TASKS = ['total', 'completed', 'inProgress', 'pending'] as const;

/** Reads one agent of a snapshot. @throws InvalidFigures */
export function agentOf(value: unknown, path: string): AgentLive {
  const agent = record(value, path);
  const phase = LIVE_PHASES.find((known) => known === agent['phase']);
  if (phase === undefined)
    throw new InvalidFigures(`${path}.phase is not one of ${LIVE_PHASES.join(', ')}`);
  const name = text(agent, 'name', `${path}.name`, NAME);
  const startedAt = optionalTime(agent, 'startedAt', path);
  const endedAt = optionalTime(agent, 'endedAt', path);
  const report = optionalText(agent, 'report', path, LONGEST_REPORT);
  const message = optionalText(agent, 'message', path, LONGEST_MESSAGE);
  const outcome = outcomeOf(agent['outcome'], `${path}.outcome`);
  const waiting = toProviderWait(agent['waiting']);
  if (agent['waiting'] !== undefined && waiting === undefined) {
    throw new InvalidFigures(`${path}.waiting is not a wait for the provider`);
  }
  // An activity changes nothing that depends on figures, so an unknown kind is no reason to refuse them.
  const activity = toActivity(agent['activity']);
  return {
    name,
    // The name decides, not the input: a team has exactly one lead.
    role: name === LEAD ? 'lead' : 'teammate',
    phase,
    restarts: count(agent['restarts'], `${path}.restarts`),
    turns: count(agent['turns'], `${path}.turns`),
    usd: text(agent, 'usd', `${path}.usd`, USD),
    tokens: counts(agent['tokens'], `${path}.tokens`, TOKENS),
    tasks: counts(agent['tasks'], `${path}.tasks`, TASKS),
    messagesSent: count(agent['messagesSent'], `${path}.messagesSent`),
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && { endedAt }),
    ...(report !== undefined && { report }),
    ...(message !== undefined && { message }),
    ...(outcome !== undefined && { outcome }),
    ...(waiting !== undefined && { waiting }),
    ...(activity !== undefined && { activity }),
  };
}

function outcomeOf(value: unknown, path: string): AgentLive['outcome'] {
  if (value === undefined) return undefined;
  const outcome = REPORT_OUTCOMES.find((known) => known === value);
  if (outcome === undefined)
    throw new InvalidFigures(`${path} is not one of ${REPORT_OUTCOMES.join(', ')}`);
  return outcome;
}
