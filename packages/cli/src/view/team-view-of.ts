import {
  type AgentLive,
  eventOfGateStep,
  providerWaitReason,
  providerWaitText,
  STEPS,
} from '@agentteam/contract';
import { isNotApproved, reasonOf, type Step, type Steps, stepsOf } from '@agentteam/status';
import { type DagTask, readDag } from '../graph/dag.ts';
import { stepTitle } from '../graph/step-title.ts';
import type { HostedTeam } from '../host/team-host.ts';
import { timeOfDay } from '../terminal/quantities.ts';
import type { AgentRow, RowState, StepRow, TeamView } from './team-view.ts';

/**
 * What the live tree shows of a team.
 * @param now milliseconds since the epoch.
 */
export function teamViewOf(hosted: HostedTeam, now: number): TeamView {
  const { team, workflow, status, live } = hosted;
  const steps = stepsOf(workflow);
  const tasks = readDag(workflow);
  const lead = live?.agents.find(({ role }) => role === 'lead');
  const rowOf = (task: DagTask): StepRow => {
    const row = stepRow(task, steps, now);
    // The lead puts right there what the checks have found.
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
        detail: asks ? 'waits for approval' : detailOf(row, figures, member?.message),
        model: specs[index]?.model ?? '',
        usd: figures?.usd ?? member?.estimatedCost ?? '0',
        tasks: figures?.tasks ?? {
          completed: member?.tasksCompleted ?? 0,
          total: member?.tasksClaimed ?? 0,
        },
        restarts: member?.restartCount ?? 0,
        ...restartedFor(figures, steps.get(name)),
        ...waitingOf(row, figures, now),
      },
    ];
  });
  const others = tasks.filter(
    ({ name, isGate }) =>
      !isGate && !agentNames.includes(name) && (name !== STEPS.rollCall || hasPod(steps.get(name))),
  );
  const started = workflow.status?.startedAt ?? hosted.createdAt;
  const ended = workflow.status?.finishedAt;
  const finish = steps.get(STEPS.finish);
  const { limit } = hosted;
  const reason = reasonOf(status);
  return {
    run: hosted.name,
    reference: hosted.reference,
    rehearsal: hosted.rehearsal,
    phase: isNotApproved(reason) ? reason : (status.phase ?? 'Pending'),
    elapsed: (ended === undefined ? now : Date.parse(ended)) - Date.parse(started),
    usd: live?.usd ?? status.estimatedCost ?? '0',
    ...(limit === undefined ? {} : { limit }),
    agents,
    after: [
      ...others.map(rowOf),
      ...(finish === undefined
        ? []
        : [{ name: STEPS.finish, state: stateOf(finish), detail: '', ...elapsedOf(finish, now) }]),
    ],
    gates: openGates(tasks, steps),
    notices: live?.notices ?? [],
  };
}

/** The roll is called only where somebody never came: left out it means that all is well. */
function hasPod(step: Step | undefined): boolean {
  return step !== undefined && step.attempts.length > 0;
}

/** Gates at which a person is asked, with what starts behind them. */
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

/** Where it went wrong or never began, why; else its report, or what it waits for. */
function detailOf(row: StepRow, figures: AgentLive | undefined, why: string | undefined): string {
  if (row.state === 'failed' || row.state === 'skipped') return why ?? row.detail;
  const { report = row.detail, phase, message } = figures ?? {};
  // What should be known about the end of an agent that completed.
  const note = phase === 'completed' && message !== undefined ? ` (${message})` : '';
  return `${report}${note}`;
}

function restartedFor(
  figures: AgentLive | undefined,
  step: Step | undefined,
): Pick<AgentRow, 'restartedFor'> {
  const { phase, message } = figures ?? {};
  // Between two attempts it stands as the one that failed left it.
  const said = phase === 'running' || phase === 'stopped' ? message : undefined;
  const why = said ?? killedWords(step?.attempts.at(-2)?.message);
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
  return { waiting: { text, key: wait.told ? wait.until : providerWaitReason(wait) } };
}

/** What killed an attempt before it could say why it ends, of which Argo has a few words alone. */
function killedWords(message: string | undefined): string | undefined {
  if (message === undefined) return undefined;
  const [, next] =
    /^Pod failed before (\S+) container starts due to PodInitializing/.exec(message) ?? [];
  if (next !== undefined) return `its pod was ended before its container ${next} started`;
  const [, container] = /^(\S+): Error \(exit code 137\)$/.exec(message) ?? [];
  return container === undefined ? message : `its container ${container} was killed`;
}

/** Figures of the lead come under the name it has among native members. */
function liveOf(agents: readonly AgentLive[], index: number, name: string): AgentLive | undefined {
  return agents.find((agent) =>
    index === 0 ? agent.role === 'lead' : agent.role === 'teammate' && agent.name === name,
  );
}

function stepRow(task: DagTask, steps: Steps, now: number): StepRow {
  const step = steps.get(task.name);
  if (step === undefined) {
    return { name: stepTitle(task.name), state: 'waiting', detail: waits(task, steps) };
  }
  const state = stateOf(step);
  return {
    name: stepTitle(task.name),
    state,
    detail: state === 'failed' ? (step.attempts.at(-1)?.message ?? step.node.message ?? '') : '',
    ...elapsedOf(step, now),
  };
}

function waits(task: DagTask, steps: Steps): string {
  const missing = task.after.filter((name) => steps.get(name)?.node.finishedAt == null);
  return missing.length === 0 ? '' : `waits for ${missing.map(stepTitle).join(', ')}`;
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
