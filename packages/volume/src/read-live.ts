import {
  type AgentActivity,
  type AgentLive,
  type AgentState,
  isOpenQuestion,
  LEAD,
  MOST_AGENTS,
  MOST_UNOWNED_TASKS,
  moneyText,
  type Notice,
  type ProviderWait,
  providerWaitReason,
  type Question,
  type Role,
  type TeamLive,
  VOLUME,
} from '@agentteam/contract';
import type { LedgerTotals } from '@agentteam/ledger';
import { cutText } from '@agentteam/text';
import { readAgentActivities } from './agent-activity.ts';
import { readStates } from './agent-state.ts';
import { LIMITS } from './file/limits.ts';
import { isSafeName } from './file/name.ts';
import { refusedInboxes } from './inbox.ts';
import { type NativeTeam, nativeName } from './native-team.ts';
import { readProviderWaits } from './provider-wait.ts';
import { questionsInFigures, readQuestions } from './questions.ts';
import { readTeamRoster } from './roster.ts';
import { readStopMarker } from './stop-marker.ts';
import { countTasks, readTasks, type Task } from './tasks.ts';
import { readTeamPause } from './team-pause.ts';

export interface LiveSources {
  readonly native: NativeTeam;
  /** The directory with all agents' states. */
  readonly state: string;
  readonly control: string;
  readonly ledger: LedgerTotals;
  /** The members, if the caller knows them. They come first, even if they have not started. */
  readonly members?: readonly { readonly name: string; readonly role: Role }[];
  /** The team's limit: dollars as decimal text. */
  readonly limit?: string;
}

/** The directories of the whole shared claim, for the steps that mount it. */
export function volumeDirectories(volume: string): Readonly<Record<keyof typeof VOLUME, string>> {
  return Object.fromEntries(
    Object.entries(VOLUME).map(([name, path]) => [name, `${volume}/${path}`]),
  ) as Record<keyof typeof VOLUME, string>;
}

/** Computes the team's current figures from the files that its programs write. */
export async function readLive(sources: LiveSources): Promise<TeamLive> {
  const { native, ledger, limit } = sources;
  const members = sources.members ?? [];
  const known = members.map(({ name }) => name);
  const [{ roster, notices: ofRoster }, { tasks, notices: ofTasks }, states, stop, paused] =
    await Promise.all([
      readTeamRoster(native),
      readTasks(native),
      readStates(sources.state, known),
      readStopMarker(sources.control),
      readTeamPause(sources.control),
    ]);
  // An agent that has left the roster still has a state, and one without a state is in the roster. All
  // agents can write the roster, so names that are only there come last.
  const all = new Set([
    ...known,
    ...ledger.agents(),
    ...states.states.keys(),
    ...(roster?.members.map(({ name }) => name) ?? []),
  ]);
  const names = [...all].slice(0, Math.max(known.length, MOST_AGENTS));
  const notices = [
    ...states.notices,
    ...leftOutOf(states.states),
    ...repairsOf(states.states),
    ...ofTasks,
    ...ofRoster,
    ...(all.size > names.length ? [tooManyAgents(native.team, all.size)] : []),
    ...(await inboxNotices(native, names)),
  ];
  const [waits, activities, questions] = await Promise.all([
    readProviderWaits(sources.control, names),
    readAgentActivities(sources.state, names),
    readQuestions(sources, names, states.states),
  ]);
  const roles = new Map(members.map(({ name, role }) => [name, role]));
  const role = (name: string): Role => roles.get(name) ?? (name === LEAD ? 'lead' : 'teammate');
  const agents = names
    .map((name) => ({
      ...agentLive(name, role(name), states.states.get(name), waits.get(name), tasks, ledger),
      ...activityOf(
        states.states.get(name),
        waits.get(name),
        questions.find((one) => one.agent === name && isOpenQuestion(one)),
        activities.get(name),
      ),
    }))
    .sort((a, b) => Number(b.role === 'lead') - Number(a.role === 'lead'));
  const { usd, tokens, estimated } = ledger.team();
  return {
    team: native.team,
    at: new Date().toISOString(),
    usd: moneyText(usd),
    ...(limit !== undefined && { limit }),
    ...(estimated > 0 && { estimatedReplies: estimated }),
    tokens,
    tasks: countTasks(tasks),
    ...unownedTasks(tasks, names),
    agents,
    ...credentialsOf(ledger),
    ...(stop !== undefined && { stop }),
    ...(questions.length > 0 && { questions: questionsInFigures(questions) }),
    ...(paused !== undefined && { paused }),
    ...(notices.length > 0 && { notices: notices.slice(0, MAX_NOTICES) }),
  };
}

function credentialsOf(ledger: LedgerTotals): Pick<TeamLive, 'credentials'> {
  const credentials = [...ledger.credentials()].map(([name, usd]) => ({
    name,
    usd: moneyText(usd),
  }));
  return credentials.length === 0 ? {} : { credentials };
}

const SUBJECT_LENGTH = 200;

function unownedTasks(
  tasks: readonly Task[],
  agents: readonly string[],
): Pick<TeamLive, 'unownedTasks'> {
  const unowned = tasks
    .filter(({ status, owner }) => status !== 'completed' && !agents.includes(owner ?? ''))
    .map(({ id, subject }) => cutText(`#${id} ${subject}`, SUBJECT_LENGTH))
    .slice(0, MOST_UNOWNED_TASKS);
  return unowned.length === 0 ? {} : { unownedTasks: unowned };
}

/** Limits the size of a snapshot, no matter what agents write. */
const MAX_NOTICES = 32;

function tooManyAgents(team: string, count: number): Notice {
  const place = `teams/${nativeName(team)}/config.json`;
  return {
    place,
    message: `${place} lists members that are not in the team: ${count} agents in total, not all of which are shown.`,
  };
}

/** What the runners left out of agents' mail and commits. */
function leftOutOf(states: ReadonlyMap<string, AgentState>): readonly Notice[] {
  return [...states.values()].flatMap(({ name, leftOut = [] }) =>
    leftOut.map((message) => ({ place: `state/${name}`, agent: name, message })),
  );
}

/**
 * What broke beside agents, such as their gateways, while they continued. Each repair is a separate notice.
 */
function repairsOf(states: ReadonlyMap<string, AgentState>): readonly Notice[] {
  return [...states.values()].flatMap(({ name, repairs = [] }) =>
    repairs.map((message) => ({
      place: `pod of ${name}: ${message}`,
      kind: 'repair' as const,
      agent: name,
      message,
    })),
  );
}

async function inboxNotices(
  native: NativeTeam,
  agents: readonly string[],
): Promise<readonly Notice[]> {
  const refused = await refusedInboxes(native, agents.filter(isSafeName));
  return [...refused].map(([agent, why]) => {
    const place = `teams/${nativeName(native.team)}/inboxes/${agent}.json`;
    return { place, message: `${place} ${why}, so ${agent} gets no mail until it is emptied.` };
  });
}

function agentLive(
  name: string,
  role: Role,
  state: AgentState | undefined,
  wait: ProviderWait | undefined,
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
    ...(state !== undefined && { startedAt: state.startedAt }),
    ...(state?.endedAt !== undefined && { endedAt: state.endedAt }),
    ...(state?.report === undefined
      ? {}
      : { report: cutText(state.report, LIMITS.snapshotCharacters) }),
    ...(state?.message !== undefined && { message: state.message }),
    ...(state?.reported !== undefined && { outcome: state.reported.outcome }),
    // A gateway may have left a wait behind from before the agent ended.
    ...(wait === undefined || isOver(wait, state) ? {} : { waiting: wait }),
  };
}

/**
 * Whether the agent has ended since a wait began. A `stopped` agent has not: a deadline or a killed engine
 * interrupted its wait. A wait after the agent's end belongs to a lead that fixes failed checks.
 */
function isOver({ since }: ProviderWait, state: AgentState | undefined): boolean {
  if (state === undefined || state.phase === 'running' || state.phase === 'stopped') return false;
  return state.endedAt === undefined || Date.parse(since) <= Date.parse(state.endedAt);
}

/** The gateway's word on a wait counts more than the agent's own: the CLI may still be in a call of a tool. */
function activityOf(
  state: AgentState | undefined,
  wait: ProviderWait | undefined,
  question: Question | undefined,
  activity: AgentActivity | undefined,
): Pick<AgentLive, 'activity'> {
  if (state?.phase !== 'running') return {};
  if (wait !== undefined) {
    const text = providerWaitReason(wait);
    return { activity: { kind: 'waiting-provider', text, since: wait.since } };
  }
  if (question !== undefined) {
    const { id, askedAt } = question;
    return { activity: { kind: 'waiting-answer', text: id, since: askedAt } };
  }
  return activity === undefined ? {} : { activity };
}
