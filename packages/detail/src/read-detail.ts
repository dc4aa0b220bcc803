import {
  type AgentState,
  LEAD,
  reportFileOf,
  type TaskCounts,
  type TokenCounts,
} from '@agentteam/contract';
import { LedgerReader } from '@agentteam/ledger';
import {
  mapFew,
  readAgentStates,
  readQuestions,
  readTasks,
  volumeDirectories,
} from '@agentteam/volume';
import { costPoints } from './costs.ts';
import type { AgentDetail, StepDetail, SummaryDetail, TeamDetail } from './detail.ts';
import { eventsOf, latest } from './events.ts';
import { JOURNALS_AT_ONCE, readMessages } from './mail.ts';
import type { Correspondence } from './message.ts';
import { questionEvents } from './questions.ts';
import { readResults } from './results.ts';
import type { DetailSource, MemberSource } from './source.ts';
import { selectSpans, type Timeline, TimelineReader } from './timeline.ts';
import { attemptSpans, providerWaitSpans } from './waits.ts';

const NO_TOKENS: TokenCounts = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
};
const NO_TASKS: TaskCounts = { total: 0, completed: 0, inProgress: 0, pending: 0 };

/** Reads everything that is known about a team once. */
export function readDetail(source: DetailSource): Promise<TeamDetail> {
  return new DetailReader().read(source);
}

/**
 * Reads everything that is known about one team, again and again: ledgers and transcripts are read from where
 * the last reading ended. Everything that agents can write is read within limits, and no link is followed.
 */
export class DetailReader {
  readonly #timelines: Map<string, TimelineReader> = new Map();
  #ledger: LedgerReader | undefined;
  #diffs: { readonly endedAt: string; readonly all: TeamDetail['diffs'] } | undefined;

  async read(source: DetailSource): Promise<TeamDetail> {
    const { head, steps, live, volume, gates } = source;
    const names = source.members.map(({ name }) => name);
    const directories = volume === undefined ? undefined : volumeDirectories(volume);
    const native = directories && {
      team: source.workflow,
      teams: directories.teams,
      tasks: directories.tasks,
    };
    const [states, tasks, mail, costs, timelines, results, diffs] = await Promise.all([
      directories ? readAgentStates(directories.state, names) : new Map<string, AgentState>(),
      native ? readTasks(native) : { tasks: [], notices: [] },
      native && directories && source.correspondence === undefined
        ? readMessages(native, directories, names)
        : (source.correspondence ?? NO_MAIL),
      directories ? this.#costs(directories.ledger, head) : [],
      directories ? this.#timelinesOf(directories, names) : new Map<string, Timeline>(),
      readResults(source.output?.place, source.output?.directory, reportFileOf(source.workflow)),
      this.#diffsOf(source),
    ]);
    const agents = source.members.map((member) =>
      agentDetail(member, source, states.get(member.name), timelines.get(member.name)),
    );
    const questions =
      directories === undefined
        ? (live?.questions ?? [])
        : await readQuestions(directories, names, states);
    const events = source.events ?? eventsOf(steps, gates);
    const outcome = agents.find(({ name }) => name === LEAD)?.report;
    return {
      summary: {
        ...head,
        ...(outcome !== undefined && { outcome }),
        paused: (source.paused ?? live?.paused !== undefined) && head.endedAt === undefined,
        progress: progressOf(steps),
        usd: live?.usd ?? '0',
        tokens: live?.tokens ?? NO_TOKENS,
        tasks: live?.tasks ?? NO_TASKS,
      },
      steps,
      agents,
      tasks: tasks.tasks.map(({ id, subject, description, owner, status, blockedBy }) => ({
        id,
        subject,
        description,
        ...(owner !== undefined && { owner }),
        status,
        blockedBy,
      })),
      messages: mail.messages,
      gates,
      questions,
      costs,
      results,
      diffs,
      checks: source.checks,
      ...(source.delivery !== undefined && { delivery: source.delivery }),
      events: latest([...events, ...questionEvents(questions)]),
      notices: noticesOf(source, mail),
    };
  }

  async #costs(
    directory: string,
    { endedAt, interrupted }: DetailSource['head'],
  ): Promise<TeamDetail['costs']> {
    this.#ledger ??= new LedgerReader(directory);
    await this.#ledger.refresh();
    // No gateway is running, so what is open was not finished.
    if (endedAt !== undefined || interrupted) this.#ledger.settleOpen();
    return costPoints(this.#ledger.entries());
  }

  async #diffsOf({ head, diffs }: DetailSource): Promise<TeamDetail['diffs']> {
    const { endedAt } = head;
    if (diffs === undefined || endedAt === undefined) return [];
    if (this.#diffs?.endedAt !== endedAt) this.#diffs = { endedAt, all: await diffs() };
    return this.#diffs.all;
  }

  async #timelinesOf(
    { sessions, control }: { readonly sessions: string; readonly control: string },
    agents: readonly string[],
  ): Promise<ReadonlyMap<string, Timeline>> {
    const read = async (agent: string) => {
      const reader = this.#timelines.get(agent) ?? new TimelineReader();
      this.#timelines.set(agent, reader);
      const [timeline, waits] = await Promise.all([
        reader.read(sessions, agent),
        providerWaitSpans(control, agent),
      ]);
      return [agent, { ...timeline, spans: [...timeline.spans, ...waits] }] as const;
    };
    return new Map(await mapFew(agents, read, JOURNALS_AT_ONCE));
  }
}

const NO_MAIL: Correspondence = { messages: [], missing: [], leftOut: [] };

/** Counts the steps that have ended, of those that may run. */
export function progressOf(steps: readonly StepDetail[]): SummaryDetail['progress'] {
  const needed = steps.filter(({ state, kind }) => state !== 'skipped' && kind !== 'roll-call');
  const done = needed.filter(({ state }) => state === 'done' || state === 'failed');
  return { done: done.length, total: needed.length };
}

function agentDetail(
  { attempts, ...member }: MemberSource,
  { steps, live, head }: DetailSource,
  state: AgentState | undefined,
  timeline: Timeline | undefined,
): AgentDetail {
  const step = steps.find(({ name }) => name === member.step);
  const figures = live?.agents.find(({ name }) => name === member.name);
  const spans = [...attemptSpans(attempts), ...(timeline?.spans ?? [])];
  const isRunning = step?.state === 'running' && !head.interrupted;
  const endedAt = step?.endedAt ?? head.endedAt;
  const activity = isRunning ? figures?.activity : undefined;
  const startedAt = state?.startedAt ?? figures?.startedAt ?? step?.startedAt;
  const outcome = state?.reported?.outcome ?? figures?.outcome;
  const report = state?.report ?? figures?.report;
  const message = state?.message ?? figures?.message ?? step?.message;
  return {
    ...member,
    state: step?.state ?? 'waiting',
    ...(activity !== undefined && { activity }),
    turns: figures?.turns ?? state?.turns ?? 0,
    restarts: figures?.restarts ?? Math.max(0, (step?.attempts ?? 0) - 1),
    usd: figures?.usd ?? '0',
    tokens: figures?.tokens ?? NO_TOKENS,
    tasks: figures?.tasks ?? NO_TASKS,
    messagesSent: figures?.messagesSent ?? 0,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && startedAt !== undefined && { endedAt }),
    ...(outcome !== undefined && { outcome }),
    ...(report !== undefined && { report }),
    ...(message !== undefined && { message }),
    spans: selectSpans(spans, isRunning ? undefined : endedAt),
    transcript: timeline?.hasTranscript ?? false,
  };
}

function noticesOf({ live }: DetailSource, mail: Correspondence): TeamDetail['notices'] {
  const missing =
    mail.missing.length === 0
      ? []
      : [{ message: `The delivered mail of ${mail.missing.join(', ')} cannot be read.` }];
  return [
    ...(live?.notices ?? []).map(({ kind, agent, message }) => ({
      ...(kind !== undefined && { kind }),
      ...(agent !== undefined && { agent }),
      message,
    })),
    ...mail.leftOut.map((message) => ({ message })),
    ...missing,
  ];
}
