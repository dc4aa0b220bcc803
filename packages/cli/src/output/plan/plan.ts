import type { AgentTeam } from '@agentteam/api';
import type { Template } from '@agentteam/argo';
import type { Compiled } from '@agentteam/compiler';
import type { OnLimit } from '@agentteam/contract';
import { type DagTask, readDag } from '@agentteam/status';
import { containersOf, type Need, type Needs, needsOf } from '../../run/inputs/needs.ts';
import type { HostedTeam } from '../../teams/team-host.ts';
import { agentImages } from './images.ts';

/** What a run of a team would do. */
export interface Plan {
  readonly team: string;
  readonly steps: readonly PlannedStep[];
  /** Names of the steps on the longest path. */
  readonly longestPath: readonly string[];
  /** What must exist before the team starts. */
  readonly needs: Needs;
  /** Claims that are created with the team and kept for people. */
  readonly createdClaims: readonly Need[];
  readonly timeout?: string;
  /** Budget of the team in US dollars; absent without a limit. */
  readonly budgetLimit?: string;
  readonly onLimit: OnLimit;
  /** Budgets of single agents in US dollars, by agent. */
  readonly agentLimits: Readonly<Record<string, string>>;
  /** The image that each agent works in on a cluster, by agent; absent where it is ours. */
  readonly images: Readonly<Record<string, string>>;
  readonly past: readonly PastRun[];
  /** What each agent may change in the repository, by agent; absent without a repository. */
  readonly scopes?: Readonly<Record<string, PlannedScope>>;
}

/** Path prefixes in the repository. */
export interface PlannedScope {
  /** Empty if the agent may change everything. */
  readonly includePaths: readonly string[];
  readonly excludePaths: readonly string[];
}

export interface PlannedStep extends Pick<DagTask, 'name' | 'after' | 'condition'> {
  /** Whether the step runs after all others have ended, even if they fail. */
  readonly last?: true;
  readonly containers: readonly PlannedContainer[];
  /** Maximum number of attempts after the first. */
  readonly restarts: number;
}

export interface PlannedContainer {
  readonly name: string;
  /** Container paths that it may write to. */
  readonly writes: readonly string[];
  /** Container paths that it may only read. */
  readonly reads: readonly string[];
}

export interface PastRun {
  readonly run: string;
  readonly phase: string;
  readonly usd: string;
  /** Milliseconds. */
  readonly elapsed: number;
}

/** @param runs past runs on this machine. */
export function planOf(
  { team, workflow, claims: { output } }: Compiled,
  runs: readonly HostedTeam[],
): Plan {
  const tasks = readDag(workflow);
  const templates = new Map(workflow.spec.templates?.map((one) => [one.name ?? '', one]));
  const { timeout, budgetLimit, onLimit = 'finish' } = team.spec.lifecycle ?? {};
  const atExit = templates.get(workflow.spec.onExit ?? '')?.dag?.tasks ?? [];
  const stepOf = new Map(
    [...tasks, ...atExit].map(({ name, template = '' }) => [template, name] as const),
  );
  const needs = inSteps(needsOf(workflow), stepOf);
  const isCreated = ({ name }: Need): boolean => name === output?.metadata?.name;
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
    needs: { ...needs, claims: needs.claims.filter((need) => !isCreated(need)) },
    createdClaims: needs.claims.filter(isCreated),
    onLimit,
    agentLimits: agentLimits(team),
    images: agentImages(team),
    ...(timeout !== undefined && { timeout }),
    ...(budgetLimit !== undefined && { budgetLimit }),
    ...(team.spec.repository !== undefined && { scopes: scopes(team) }),
    past: runs.filter((run) => !run.rehearsal && isSameTeam(run.team, team)).flatMap(pastRun),
  };
}

/** Replaces the templates in `usedBy` by the steps that use them. */
function inSteps(
  { secrets, configMaps, claims }: Needs,
  stepOf: ReadonlyMap<string, string>,
): Needs {
  const named = (needs: readonly Need[]): readonly Need[] =>
    needs.map((need) => ({ ...need, usedBy: need.usedBy.map((name) => stepOf.get(name) ?? name) }));
  return { secrets: named(secrets), configMaps: named(configMaps), claims: named(claims) };
}

function agentsOf({ spec }: AgentTeam) {
  return [{ name: 'lead', ...spec.lead }, ...(spec.teammates ?? [])];
}

function agentLimits(team: AgentTeam): Readonly<Record<string, string>> {
  return Object.fromEntries(
    agentsOf(team).flatMap(({ name, budgetLimit }) =>
      budgetLimit === undefined ? [] : [[name, budgetLimit] as const],
    ),
  );
}

function scopes(team: AgentTeam): Readonly<Record<string, PlannedScope>> {
  return Object.fromEntries(
    agentsOf(team).map(({ name, scope: { includePaths = [], excludePaths = [] } = {} }) => [
      name,
      { includePaths, excludePaths },
    ]),
  );
}

function plannedStep(
  task: Pick<DagTask, 'name' | 'after' | 'condition'>,
  template: Template | undefined,
): PlannedStep {
  return {
    name: task.name,
    after: task.after,
    ...(task.condition !== undefined && { condition: task.condition }),
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

/** Follows the dependencies back from the deepest task that every successful run has. */
function longestPath(tasks: readonly DagTask[]): readonly string[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const deepest = (candidates: readonly DagTask[]): DagTask | undefined =>
    candidates.toSorted((a, b) => b.level - a.level)[0];
  const path: string[] = [];
  for (
    let task = deepest(tasks.filter(({ condition }) => condition !== 'teammate-missing'));
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
