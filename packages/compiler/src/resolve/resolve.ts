import type { AgentTeam, ApprovalGate, Lead, Teammate } from '@agentteam/api';
import {
  DELIVER_EVENT,
  LEAD,
  type LeftoverRules,
  type MemberSpec,
  PATHS,
  type RepositoryRef,
  SPAWN_PREFIX,
  type TeamRef,
  worktreeOf,
} from '@agentteam/contract';
import { briefs } from './briefs.ts';
import { parseDuration } from './duration.ts';
import { workflowName } from './names.ts';
import { scopeOf } from './scope.ts';
import { expandTemplate } from './template-text.ts';
import { worksOf } from './work.ts';

/** A team with everything looked up that its own text leaves open. */
export interface ResolvedTeam {
  readonly team: AgentTeam;
  readonly ref: TeamRef;
  readonly workflowName: string;
  /** Lead first. Where prompts are long, each member has the beginning of its own. */
  readonly members: readonly MemberSpec[];
  /**
   * The members as each teammate knows them. What the others were asked and may change is not its
   * business, and would make a Workflow grow with the square of its teammates.
   */
  readonly roster: readonly MemberSpec[];
  /** The members as the steps know them that merge, deliver and conclude: with their scopes, without prompts. */
  readonly scoped: readonly MemberSpec[];
  readonly lead: Lead;
  readonly teammates: readonly Teammate[];
  readonly repository?: RepositoryRef;
  /** Mount path of the output claim and the claim's name. */
  readonly output?: { readonly mountPath: string; readonly claim: string };
  readonly gates: readonly ApprovalGate[];
  readonly timeoutSeconds: number;
  readonly approvalTimeoutSeconds?: number;
  readonly pullRequestTitle: string;
}

/** For a checked team: durations parse, names exist. */
export function resolve(team: AgentTeam): ResolvedTeam {
  const { spec, metadata } = team;
  const { lifecycle } = spec;
  const namespace = metadata.namespace ?? 'default';
  const values = { TeamName: metadata.name, Namespace: namespace };
  const name = workflowName(metadata.name);
  const repository = spec.repository && {
    url: spec.repository.url,
    ...(spec.repository.branch !== undefined && { branch: spec.repository.branch }),
    worktreeStrategy: spec.repository.worktreeStrategy,
    resultBranch: expandTemplate(lifecycle.consolidatedBranchTemplate, values),
    setupCommand: spec.repository.setupCommand ?? [],
    ...(spec.repository.leftovers && { leftovers: leftoversOf(spec.repository.leftovers) }),
  };
  const cwdOf = (agent: string): string =>
    repository === undefined ? PATHS.work : worktreeOf(agent, repository.worktreeStrategy);
  const works = worksOf(team);
  const lead: MemberSpec = {
    name: LEAD,
    role: 'lead',
    model: spec.lead.model,
    prompt: spec.lead.prompt,
    dependsOn: [],
    // The lead's tree is its own also where the teammates share one: it merges there.
    cwd: repository === undefined ? PATHS.work : worktreeOf(LEAD, 'per-teammate'),
    ...(spec.lead.scope && { scope: scopeOf(spec.lead) }),
    work: works.get(LEAD) ?? '',
  };
  const teammates = spec.teammates.map(
    (mate): MemberSpec => ({
      name: mate.name,
      role: 'teammate',
      model: mate.model,
      prompt: mate.prompt,
      dependsOn: mate.dependsOn ?? [],
      cwd: cwdOf(mate.name),
      ...(mate.scope && { scope: scopeOf(mate) }),
      work: works.get(mate.name) ?? '',
    }),
  );
  const whole = [lead, ...teammates];
  const prompts = briefs(whole.map(({ prompt }) => prompt));
  const members = whole.map((member, index) => ({ ...member, prompt: prompts[index] ?? '' }));
  const scoped = whole.map((member) => ({ ...member, prompt: '' }));
  const output = spec.workspace?.output;
  const approvalTimeout = lifecycle.approvalTimeout && parseDuration(lifecycle.approvalTimeout);
  const title =
    lifecycle.pullRequest?.titleTemplate ?? lifecycle.prTitleTemplate ?? 'Work of {{.TeamName}}';
  return {
    team,
    ref: { team: name, namespace },
    workflowName: name,
    members,
    roster: scoped.map(({ scope: _, work: _work, ...member }) => member),
    scoped,
    lead: spec.lead,
    teammates: spec.teammates,
    ...(repository && { repository }),
    ...(output && {
      output: { mountPath: output.mountPath, claim: output.pvc ?? `${name}-output` },
    }),
    gates: lifecycle.approvalGates ?? [],
    timeoutSeconds: parseDuration(lifecycle.timeout) ?? 4 * 3600,
    ...(approvalTimeout && { approvalTimeoutSeconds: approvalTimeout }),
    pullRequestTitle: expandTemplate(title, values),
  };
}

type Leftovers = NonNullable<NonNullable<AgentTeam['spec']['repository']>['leftovers']>;

function leftoversOf({ ignore = [], maxFileSize }: Leftovers): LeftoverRules {
  return { ignore, maxFileSize: parseSize(maxFileSize) };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

/** Bytes of a size that has the form of the schema. */
function parseSize(text: string): number {
  const [, count = '', unit = ''] = /^([0-9]+)(Ki|Mi|Gi)?$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit] ?? 1);
}

/** The gate in front of a teammate's start, or of the delivery. */
export function gateBefore(
  gates: readonly ApprovalGate[],
  what: { readonly teammate: string } | 'deliver',
): ApprovalGate | undefined {
  const event = what === 'deliver' ? DELIVER_EVENT : `${SPAWN_PREFIX}${what.teammate}`;
  return gates.find((gate) => gate.event === event);
}
