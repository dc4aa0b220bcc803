import type { AgentActivity, AgentLive } from '@agentteam/contract';
import type { AgentRow } from './team-view.ts';

/** What an agent that waits for mail is doing. */
const WAITING_FOR_MAIL = 'waiting for mail';

/**
 * Describes what an agent is doing.
 * @param now milliseconds since the epoch.
 */
export function activityOf(
  figures: Pick<AgentLive, 'activity'> | undefined,
  now: number,
): Pick<AgentRow, 'activity'> {
  const { activity } = figures ?? {};
  if (activity === undefined) return {};
  return { activity: { text: sentence(activity), elapsed: now - Date.parse(activity.since) } };
}

function sentence({ kind, text }: AgentActivity): string {
  switch (kind) {
    case 'tool':
      return text;
    case 'thinking':
      return 'thinking';
    case 'waiting-provider':
      return `waiting for the API: ${text}`;
    case 'waiting-answer':
      return `waiting for an answer to ${text}`;
    case 'interrupted':
      return `interrupted by ${text}, waiting for a message`;
    case 'waiting-mail':
      return WAITING_FOR_MAIL;
    case 'idle':
      return text === '' ? 'idle' : text;
  }
}

/**
 * Says which teammates a lead that has nothing to do waits for.
 * @param agents the lead, then the teammates.
 */
export function namingTeammates([lead, ...others]: readonly AgentRow[]): readonly AgentRow[] {
  if (lead === undefined) return [];
  const open = others.filter(({ state }) => ['running', 'waiting', 'asking'].includes(state));
  if (lead.activity?.text !== WAITING_FOR_MAIL || open.length === 0) return [lead, ...others];
  const names = open.map(({ name }) => name);
  const whom = names.length > MOST_NAMES ? `${names.length} teammates` : names.join(', ');
  return [{ ...lead, activity: { ...lead.activity, text: `waiting for ${whom}` } }, ...others];
}

const MOST_NAMES = 3;
