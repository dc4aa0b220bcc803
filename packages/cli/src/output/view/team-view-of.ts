import type { AgentTeam } from '@agentteam/api';
import {
  type AgentLive,
  eventOfGateStep,
  providerWaitReason,
  providerWaitText,
  STEPS,
} from '@agentteam/contract';
import {
  type DagTask,
  isNotApproved,
  readDag,
  reasonOf,
  type StatusQuestion,
  type Step,
  type Steps,
  stepsOf,
  stepTitle,
  terminationMessage,
} from '@agentteam/status';
import { isOpen, openQuestionsOf } from '../../teams/questions.ts';
import type { HostedTeam } from '../../teams/team-host.ts';
import { timeOfDay } from '../terminal/quantities.ts';
import { activityOf, namingTeammates } from './activity.ts';
import type { AgentRow, RowState, SettledQuestion, StepRow, TeamView } from './team-view.ts';

/**
 * Makes a snapshot of a team.
 * @param now milliseconds since the epoch.
 */
export function teamViewOf(hosted: HostedTeam, now: number): TeamView {
  const { team, workflow, status, live } = hosted;
  const steps = stepsOf(workflow);
  const tasks = readDag(workflow);
  const lead = live?.agents.find(({ role }) => role === 'lead');
  const rowOf = (task: DagTask): StepRow => {
    const row = stepRow(task, tasks, steps, now);
    // In the step of the checks, the lead corrects what the checks have found.
    const { waiting } = task.name === STEPS.checks ? waitingOf(row, lead, now) : {};
    return waiting === undefined ? row : { ...row, detail: `waiting for the API: ${waiting.text}` };
  };
  const agentNames = [STEPS.lead, ...team.spec.teammates.map(({ name }) => name)];
  const members = [{ ...status.lead, name: 'lead' }, ...(status.teammates ?? [])];
  const specs = [team.spec.lead, ...team.spec.teammates];
  const agents = agentNames.flatMap((name, index): AgentRow[] => {
    const task = tasks.find((candidate) => candidate.name === name);
    if (task === undefined) return [];
    const member = members[index];
    const figures = liveOf(live?.agents ?? [], index, name);
    const asks = member?.pendingApproval !== undefined;
    const row = rowOf(task);
    return [
      {
        ...row,
        name: index === 0 ? 'lead' : name,
        state: asks ? 'asking' : row.state,
        detail: asks ? 'waiting for approval' : detailOf(row, figures, member?.message),
        model: specs[index]?.model ?? '',
        usd: figures?.usd ?? member?.estimatedCost ?? '0',
        ...limitOf(specs[index]),
        tasks: figures?.tasks ?? {
          completed: member?.tasksCompleted ?? 0,
          total: member?.tasksClaimed ?? 0,
        },
        restarts: member?.restartCount ?? 0,
        ...restartedFor(figures, steps.get(name)),
        ...waitingOf(row, figures, now),
        ...(asks || row.state !== 'running' ? {} : activityOf(figures, now)),
      },
    ];
  });
  // The roll call only tells the lead which teammates are missing, which their own lines say as well.
  const others = tasks.filter(
    ({ name, isGate }) => !isGate && name !== STEPS.rollCall && !agentNames.includes(name),
  );
  const started = workflow.status?.startedAt ?? hosted.createdAt;
  const ended = workflow.status?.finishedAt;
  const finish = steps.get(STEPS.finish);
  const { limit } = hosted;
  return {
    run: hosted.name,
    reference: hosted.reference,
    rehearsal: hosted.rehearsal,
    phase: phaseOf(hosted),
    elapsed: (ended === undefined ? now : Date.parse(ended)) - Date.parse(started),
    usd: live?.usd ?? status.estimatedCost ?? '0',
    ...(limit !== undefined && { limit }),
    agents: namingTeammates(agents),
    after: [
      ...others.map(rowOf),
      ...(finish === undefined
        ? []
        : [{ name: STEPS.finish, state: stateOf(finish), detail: '', ...elapsedOf(finish, now) }]),
    ],
    gates: openGates(tasks, steps),
    questions: openQuestionsOf(hosted).map(
      ({ id, agent = '', kind = 'question', text = '', choices = [] }) => ({
        ...{ id, agent, kind, text, choices },
      }),
    ),
    settled: (status.questions ?? []).filter((one) => !isOpen(one)).map(settledOf),
    notices: live?.notices ?? [],
  };
}

function settledOf({ id, by, via, answer }: StatusQuestion): SettledQuestion {
  return {
    id,
    ...(by !== undefined && { by }),
    ...(via !== undefined && { via }),
    ...(answer !== undefined && { answer }),
  };
}

function limitOf(
  spec: Pick<AgentTeam['spec']['lead'], 'budgetLimit'> | undefined,
): Pick<AgentRow, 'limit'> {
  return spec?.budgetLimit === undefined ? {} : { limit: spec.budgetLimit };
}

/** The phase for people: they also want to see that nothing happens because somebody paused the team. */
function phaseOf(hosted: HostedTeam): string {
  const { status } = hosted;
  const reason = reasonOf(status);
  if (isNotApproved(reason)) return reason;
  return isPaused(hosted) ? 'Paused' : (status.phase ?? 'Pending');
}

/** Whether a person has paused a team that has not ended. */
export function isPaused({ status, live, workflow }: HostedTeam): boolean {
  const paused = status.conditions?.find(({ type }) => type === 'Paused')?.status === 'True';
  return (paused || live?.paused !== undefined) && !workflow.status?.finishedAt;
}

/** The open gates, with the steps that start after their approval. */
function openGates(tasks: readonly DagTask[], steps: Steps): TeamView['gates'] {
  return tasks
    .filter(({ name, isGate }) => isGate && steps.get(name)?.node.phase === 'Running')
    .map(({ name }) => ({
      event: eventOfGateStep(name),
      before: tasks
        .filter(({ after, condition }) => condition === 'approved' && after.includes(name))
        .map((task) => stepTitle(task.name))
        .join(', '),
    }));
}

/** The reason of a failed or skipped step; otherwise the agent's report, or what the step waits for. */
function detailOf(row: StepRow, figures: AgentLive | undefined, why: string | undefined): string {
  if (row.state === 'failed' || row.state === 'skipped') return why ?? row.detail;
  const { report = row.detail, phase, message } = figures ?? {};
  // The message of a completed agent is a remark on how it ended.
  const note = phase === 'completed' && message !== undefined ? ` (${message})` : '';
  return `${report}${note}`;
}

function restartedFor(
  figures: AgentLive | undefined,
  step: Step | undefined,
): Pick<AgentRow, 'restartedFor'> {
  const { phase, message } = figures ?? {};
  // Between two attempts the message is still that of the failed attempt.
  const reported = phase === 'running' || phase === 'stopped' ? message : undefined;
  const why = reported ?? podFailure(step?.attempts.at(-2)?.message);
  return why === undefined ? {} : { restartedFor: why };
}

function waitingOf(
  { state }: StepRow,
  figures: AgentLive | undefined,
  now: number,
): Pick<AgentRow, 'waiting'> {
  const wait = figures?.waiting;
  if (state !== 'running' || wait === undefined) return {};
  const text = providerWaitText(wait, (time) => timeOfDay(time, now));
  const key = wait.told ? wait.until : providerWaitReason(wait);
  return { waiting: { text, until: wait.until, key } };
}

/** Rephrases Argo's message for an attempt that was killed before the agent could report a reason. */
function podFailure(message: string | undefined): string | undefined {
  if (message === undefined) return undefined;
  const [, next] =
    /^Pod failed before (\S+) container starts due to PodInitializing/.exec(message) ?? [];
  if (next !== undefined) return `its pod was ended before its container ${next} started`;
  const [, container] = /^(\S+): Error \(exit code 137\)$/.exec(message) ?? [];
  return container === undefined ? message : `its container ${container} was killed`;
}

/** The lead is found by its role, because its name in the figures differs from the name of its step. */
function liveOf(agents: readonly AgentLive[], index: number, name: string): AgentLive | undefined {
  return agents.find((agent) =>
    index === 0 ? agent.role === 'lead' : agent.role === 'teammate' && agent.name === name,
  );
}

function stepRow(task: DagTask, tasks: readonly DagTask[], steps: Steps, now: number): StepRow {
  const step = steps.get(task.name);
  if (step === undefined) {
    return {
      name: stepTitle(task.name),
      state: 'waiting',
      detail: waitingDetail(task, tasks, steps),
    };
  }
  const state = stateOf(step);
  return {
    name: stepTitle(task.name),
    state,
    detail: state === 'failed' ? failureOf(step) : '',
    ...elapsedOf(step, now),
  };
}

/** The words of the step's program, or of Argo where it left none. */
function failureOf(step: Step): string {
  return terminationMessage(step) ?? step.attempts.at(-1)?.message ?? step.node.message ?? '';
}

/** What a step waits for. A gate that has not opened is named after the steps that it waits for itself. */
function waitingDetail(task: DagTask, tasks: readonly DagTask[], steps: Steps): string {
  const unfinished = (names: readonly string[]): readonly string[] =>
    names.filter((name) => steps.get(name)?.node.finishedAt == null);
  const pending = unfinished(task.after);
  if (pending.length === 0) return '';
  const closed = tasks.filter(
    ({ name, isGate }) => isGate && pending.includes(name) && !steps.has(name),
  );
  const before = unfinished([...new Set(closed.flatMap(({ after }) => after))]);
  const texts = [before, pending].map((names) => names.map(stepTitle).join(', '));
  return `waiting for ${texts.filter((text) => text !== '').join(', then ')}`;
}

function stateOf({ node }: Step): RowState {
  switch (node.phase) {
    case 'Succeeded':
      return 'done';
    case 'Failed':
    case 'Error':
      return 'failed';
    case 'Skipped':
    case 'Omitted':
      return 'skipped';
    case 'Running':
      return 'running';
    default:
      return 'waiting';
  }
}

function elapsedOf({ node, attempts }: Step, now: number): { readonly elapsed?: number } {
  if (node.startedAt == null || attempts.length === 0) return {};
  const end = node.finishedAt == null ? now : Date.parse(node.finishedAt);
  return { elapsed: end - Date.parse(node.startedAt) };
}
