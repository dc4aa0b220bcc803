import { LEAD, type TaskCounts, type TokenCounts } from '@agentteam/contract';
import type { AgentDetail } from './agent-detail.ts';
import type { SummaryDetail, TeamDetail } from './detail.ts';
import { eventsOf, latest } from './events.ts';
import type { Correspondence } from './mail/message.ts';
import { withShownNames } from './mail/shown-names.ts';
import { noticesOf } from './notices.ts';
import { questionEvents } from './questions.ts';
import type { DetailSource, MemberSource } from './source.ts';
import type { StepDetail } from './step-detail.ts';
import { selectSpans } from './transcript/timeline.ts';
import { VolumeReader } from './volume/volume-reader.ts';
import type { AgentReading, VolumeReading } from './volume/volume-reading.ts';
import { attemptSpans } from './volume/waits.ts';

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

/** Reads everything that is known about one team, again and again: only what is new is read. */
export class DetailReader {
  readonly #volume: VolumeReader = new VolumeReader();

  async read(source: DetailSource): Promise<TeamDetail> {
    return detailOf(source, source.reading ?? (await this.#volume.read(source)));
  }
}

function detailOf(source: DetailSource, reading: VolumeReading): TeamDetail {
  const { head, steps, gates } = source;
  const live = source.live ?? reading.live;
  const mail = source.correspondence ?? reading.mail ?? NO_MAIL;
  const agents = source.members.map((member) =>
    agentDetail(
      member,
      { ...source, live },
      reading.agents.find(({ name }) => name === member.name),
    ),
  );
  const questions = reading.questions ?? live?.questions ?? [];
  const events = source.events ?? eventsOf(steps, gates);
  const outcome = agents.find(({ name }) => name === LEAD)?.report;
  return withShownNames({
    summary: {
      ...head,
      ...(outcome !== undefined && { outcome }),
      paused: (source.paused ?? live?.paused !== undefined) && head.endedAt === undefined,
      progress: progressOf(steps),
      usd: live?.usd ?? source.statusCost?.team ?? '0',
      tokens: live?.tokens ?? NO_TOKENS,
      tasks: live?.tasks ?? NO_TASKS,
    },
    steps,
    agents,
    tasks: reading.tasks,
    messages: mail.messages,
    gates,
    questions,
    costs: reading.costs,
    results: reading.results,
    diffs: reading.diffs,
    checks: source.checks,
    ...(source.delivery !== undefined && { delivery: source.delivery }),
    events: latest([...events, ...questionEvents(questions)]),
    notices: noticesOf(source, live, mail),
    ...(source.files !== undefined && { files: source.files }),
  });
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
  { steps, live, head, statusCost }: DetailSource,
  reading: AgentReading | undefined,
): AgentDetail {
  const { state, spans = [], hasTranscript = false } = reading ?? {};
  const step = steps.find(({ name }) => name === member.step);
  const figures = live?.agents.find(({ name }) => name === member.name);
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
    usd: figures?.usd ?? (live === undefined ? statusCost?.agents[member.name] : undefined) ?? '0',
    tokens: figures?.tokens ?? NO_TOKENS,
    tasks: figures?.tasks ?? NO_TASKS,
    messagesSent: figures?.messagesSent ?? 0,
    ...(startedAt !== undefined && { startedAt }),
    ...(endedAt !== undefined && startedAt !== undefined && { endedAt }),
    ...(outcome !== undefined && { outcome }),
    ...(report !== undefined && { report }),
    ...(message !== undefined && { message }),
    spans: selectSpans([...attemptSpans(attempts), ...spans], isRunning ? undefined : endedAt),
    transcript: hasTranscript,
  };
}
