import {
  type AgentLive,
  type AgentState,
  LEAD,
  type Role,
  type TeamLive,
  VOLUME,
} from '@agentteam/contract';
import { type LedgerTotals, moneyText } from '@agentteam/ledger';
import { readAgentStates } from './agent-state.ts';
import type { NativeTeam } from './native-team.ts';
import { readRoster } from './roster.ts';
import { readStopMarker } from './stop-marker.ts';
import { countTasks, listTasks, type Task } from './tasks.ts';

/** Agents may write any number of members into the roster; a snapshot shows no more than this. */
const MOST_AGENTS = 64;

export interface LiveSources {
  readonly native: NativeTeam;
  /** All agents' states. */
  readonly state: string;
  readonly control: string;
  readonly ledger: LedgerTotals;
  /** Who is in the team, where the caller knows: they come first, also those who have not begun. */
  readonly members?: readonly { readonly name: string; readonly role: Role }[];
  /** Dollars as decimal text. */
  readonly limit?: string;
}

/** Directories of {@link LiveSources} on the whole shared claim, for the steps that mount it. */
export function volumeDirectories(volume: string): Readonly<Record<keyof typeof VOLUME, string>> {
  return Object.fromEntries(
    Object.entries(VOLUME).map(([name, path]) => [name, `${volume}/${path}`]),
  ) as Record<keyof typeof VOLUME, string>;
}

/** The team's figures at this moment, put together from everything that its programs wrote. */
export async function readLive(sources: LiveSources): Promise<TeamLive> {
  const { native, ledger, limit } = sources;
  const [roster, tasks, states, stop] = await Promise.all([
    readRoster(native),
    listTasks(native),
    readAgentStates(sources.state),
    readStopMarker(sources.control),
  ]);
  const members = sources.members ?? [];
  // Who has left the roster still has a state, and who has no state yet is in the roster.
  const names = new Set([
    ...members.map(({ name }) => name),
    ...(roster?.members.map(({ name }) => name) ?? []),
    ...states.keys(),
    ...ledger.agents(),
  ]);
  const roles = new Map(members.map(({ name, role }) => [name, role]));
  const role = (name: string): Role => roles.get(name) ?? (name === LEAD ? 'lead' : 'teammate');
  const agents = [...names]
    .slice(0, MOST_AGENTS)
    .map((name) => agentLive(name, role(name), states.get(name), tasks, ledger))
    .sort((a, b) => Number(b.role === 'lead') - Number(a.role === 'lead'));
  const { usd, tokens, estimated } = ledger.team();
  return {
    team: native.team,
    at: new Date().toISOString(),
    usd: moneyText(usd),
    ...(limit === undefined ? {} : { limit }),
    ...(estimated === 0 ? {} : { estimatedReplies: estimated }),
    tokens,
    tasks: countTasks(tasks),
    agents,
    ...(stop === undefined ? {} : { stop }),
  };
}

function agentLive(
  name: string,
  role: Role,
  state: AgentState | undefined,
  tasks: readonly Task[],
  ledger: LedgerTotals,
): AgentLive {
  const { usd, tokens, messagesSent } = ledger.agent(name);
  return {
    name,
    role,
    phase: state?.phase ?? 'waiting',
    restarts: state?.attempt ?? 0,
    turns: state?.turns ?? 0,
    usd: moneyText(usd),
    tokens,
    tasks: countTasks(tasks, name),
    messagesSent,
    ...(state === undefined ? {} : { startedAt: state.startedAt }),
    ...(state?.endedAt === undefined ? {} : { endedAt: state.endedAt }),
    ...(state?.report === undefined ? {} : { report: state.report }),
    ...(state?.message === undefined ? {} : { message: state.message }),
  };
}
