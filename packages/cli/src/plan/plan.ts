import type { AgentTeam } from '@agentteam/api';
import type { Template, Workflow } from '@agentteam/argo';
import type { OnLimit } from '@agentteam/contract';
import { type DagTask, readDag } from '../graph/dag.ts';
import type { HostedTeam } from '../host/team-host.ts';
import { containersOf, type Need, type Needs, needsOf } from '../inputs/needs.ts';

/** What a run of a team will do, before it does it. */
export interface Plan {
  readonly team: string;
  readonly steps: readonly PlannedStep[];
  /** Names of the steps that follow one another longest: no run is faster than they are. */
  readonly longestPath: readonly string[];
  readonly needs: Needs;
  readonly timeout?: string;
  /** Dollars, the most that agents may spend; absent: no limit. */
  readonly budgetLimit?: string;
  readonly onLimit: OnLimit;
  /** Dollars that single agents may spend, by agent. */
  readonly agentLimits: Readonly<Record<string, string>>;
  readonly past: readonly PastRun[];
}

export interface PlannedStep extends Pick<DagTask, 'name' | 'after' | 'condition'> {
  /** It runs when all others have ended, however they did. */
  readonly last?: true;
  readonly containers: readonly PlannedContainer[];
  /** Attempts after the first. */
  readonly restarts: number;
}

export interface PlannedContainer {
  readonly name: string;
  /** Container paths that it may write to, then those that it may only read. */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

export interface PastRun {
  readonly run: string;
  readonly phase: string;
  readonly usd: string;
  /** Milliseconds. */
  readonly elapsed: number;
}

export function planOf(team: AgentTeam, workflow: Workflow, runs: readonly HostedTeam[]): Plan {
  const tasks = readDag(workflow);
  const templates = new Map(workflow.spec.templates?.map((one) => [one.name ?? '', one]));
  const { timeout, budgetLimit, onLimit = 'finish' } = team.spec.lifecycle ?? {};
  const atExit = templates.get(workflow.spec.onExit ?? '')?.dag?.tasks ?? [];
  const stepOf = new Map(
    [...tasks, ...atExit].map(({ name, template = '' }) => [template, name] as const),
  );
  return {
    team: team.metadata.name ?? '',
    steps: [
      ...tasks.map((task) => plannedStep(task, templates.get(task.template))),
      ...atExit.map(({ name, template = '' }) => ({
        ...plannedStep({ name, after: [] }, templates.get(template)),
        last: true as const,
      })),
    ],
    longestPath: longestPath(tasks),
    needs: inSteps(needsOf(workflow), stepOf),
    onLimit,
    agentLimits: agentLimits(team),
    ...(timeout === undefined ? {} : { timeout }),
    ...(budgetLimit === undefined ? {} : { budgetLimit }),
    past: runs.filter((run) => !run.rehearsal && isSameTeam(run.team, team)).flatMap(pastRun),
  };
}

/** Names the steps that need something, where a Workflow knows their templates. */
function inSteps(
  { secrets, configMaps, claims }: Needs,
  stepOf: ReadonlyMap<string, string>,
): Needs {
  const named = (needs: readonly Need[]): readonly Need[] =>
    needs.map((need) => ({ ...need, usedBy: need.usedBy.map((name) => stepOf.get(name) ?? name) }));
  return { secrets: named(secrets), configMaps: named(configMaps), claims: named(claims) };
}

function agentLimits({ spec }: AgentTeam): Readonly<Record<string, string>> {
  const agents = [{ name: 'lead', ...spec.lead }, ...(spec.teammates ?? [])];
  return Object.fromEntries(
    agents.flatMap(({ name, budgetLimit }) =>
      budgetLimit === undefined ? [] : [[name, budgetLimit] as const],
    ),
  );
}

function plannedStep(
  task: Pick<DagTask, 'name' | 'after' | 'condition'>,
  template: Template | undefined,
): PlannedStep {
  return {
    name: task.name,
    after: task.after,
    ...(task.condition === undefined ? {} : { condition: task.condition }),
    restarts: Number(template?.retryStrategy?.limit ?? 0),
    containers: (template === undefined ? [] : containersOf(template)).map(
      ({ name, volumeMounts = [] }) => ({
        name: name ?? 'main',
        writes: volumeMounts.filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath),
        reads: volumeMounts.filter(({ readOnly }) => readOnly).map(({ mountPath }) => mountPath),
      }),
    ),
  };
}

/** Back from the deepest task of a good run, each time to the deepest of those it waits for. */
function longestPath(tasks: readonly DagTask[]): readonly string[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const deepest = (candidates: readonly DagTask[]): DagTask | undefined =>
    candidates.toSorted((a, b) => b.level - a.level)[0];
  const path: string[] = [];
  for (
    let task = deepest(tasks.filter(({ condition }) => condition !== 'somebody is missing'));
    task !== undefined;
    task = deepest(task.after.flatMap((name) => byName.get(name) ?? []))
  ) {
    path.unshift(task.name);
  }
  return path;
}

function isSameTeam(a: AgentTeam, b: AgentTeam): boolean {
  return a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace;
}

function pastRun({ name, status }: HostedTeam): readonly PastRun[] {
  const { startedAt, completedAt } = status;
  if (!startedAt || !completedAt) return [];
  return [
    {
      run: name,
      phase: status.phase ?? '',
      usd: status.estimatedCost ?? '0.00',
      elapsed: Date.parse(completedAt) - Date.parse(startedAt),
    },
  ];
}
