import type {
  AgentTeam,
  ApprovalGate,
  Lead,
  McpServer,
  Plugin,
  Skill,
  Teammate,
} from '@agentteam/api';
import type { ResourceRequirements } from '@agentteam/argo';
import {
  gateStep,
  gateTemplate,
  isRestricted,
  LEAD,
  PATHS,
  type PermissionMode,
  type Role,
  type Scope,
  STEPS,
  spawnEvent,
  TEMPLATES,
  teammateTemplate,
  worktreeOf,
} from '@agentteam/contract';
import { type ResolvedEnvironment, resolveEnvironment } from './environment.ts';
import { scopeOf, workDigests } from './work.ts';

/** An agent with everything that its step needs. */
export interface ResolvedAgent {
  /** Its name in the roster; the lead's is {@link LEAD}. */
  readonly name: string;
  readonly role: Role;
  /** Name of its step. */
  readonly step: string;
  /** Name of its Argo template. */
  readonly template: string;
  readonly model: string;
  /** The whole prompt. */
  readonly prompt: string;
  readonly permissionMode: PermissionMode;
  /** Names of the teammates that it waits for. */
  readonly dependsOn: readonly string[];
  /** The gate in front of it. */
  readonly gate?: ResolvedGate;
  /** Argo's `depends` for these teammates, without the gate. Absent where it waits for none. */
  readonly predecessors?: string;
  /** Working directory of its process. */
  readonly cwd: string;
  readonly scope?: Scope;
  /** Digest of its work: see `AgentSpec.work`. */
  readonly work: string;
  readonly skills: readonly Skill[];
  readonly plugins: readonly Plugin[];
  readonly mcpServers: readonly McpServer[];
  readonly environment: ResolvedEnvironment;
  readonly resources?: ResourceRequirements;
  readonly budgetLimit?: string;
}

/** A gate in front of a teammate or of the delivery. */
export interface ResolvedGate {
  readonly event: string;
  readonly step: string;
  readonly template: string;
  /** Whether it restricts who may approve: then only the controller can open it. */
  readonly isRestricted: boolean;
  /** The gate counts as rejected after this time. Absent: it waits without a limit. */
  readonly timeoutSeconds?: number;
}

export function resolveGate(
  { event, ...rules }: ApprovalGate,
  timeoutSeconds: number | undefined,
): ResolvedGate {
  return {
    event,
    step: gateStep(event),
    template: gateTemplate(event),
    isRestricted: isRestricted(rules),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

/** Resolves the agents of a team: the lead first, then the teammates in the order of the spec. */
export function resolveAgents(
  team: AgentTeam,
  gates: readonly ResolvedGate[],
): readonly ResolvedAgent[] {
  const { lead, teammates, repository } = team.spec;
  const digests = workDigests(team);
  const cwdOf = (name: string, strategy: 'per-teammate' | 'shared' = 'per-teammate') =>
    repository === undefined ? PATHS.work : worktreeOf(name, strategy);
  return [
    {
      ...commonFields(team, lead),
      name: LEAD,
      role: 'lead',
      step: STEPS.lead,
      template: TEMPLATES.lead,
      permissionMode: lead.permissionMode,
      dependsOn: [],
      // The lead merges in its own worktree, even where the teammates share one.
      cwd: cwdOf(LEAD),
      work: digests.get(LEAD) ?? '',
    },
    ...teammates.map((teammate): ResolvedAgent => {
      const { name, dependsOn = [] } = teammate;
      const gate = gates.find(({ event }) => event === spawnEvent(name));
      return {
        ...commonFields(team, teammate),
        name,
        role: 'teammate',
        step: name,
        template: teammateTemplate(name),
        permissionMode: 'auto-accept',
        dependsOn,
        ...(gate !== undefined && { gate }),
        ...(dependsOn.length > 0 && { predecessors: allSucceeded(dependsOn) }),
        cwd: cwdOf(name, repository?.worktreeStrategy),
        work: digests.get(name) ?? '',
      };
    }),
  ];
}

function commonFields(team: AgentTeam, agent: Lead | Teammate) {
  const { model, prompt, skills = [], plugins = [], mcpServers = [] } = agent;
  const { resources, budgetLimit } = agent;
  return {
    model,
    prompt,
    skills,
    plugins,
    mcpServers,
    environment: resolveEnvironment(team, agent),
    ...(agent.scope && { scope: scopeOf(agent) }),
    ...(resources !== undefined && { resources: resources as ResourceRequirements }),
    ...(budgetLimit !== undefined && { budgetLimit }),
  };
}

/** Argo's `depends` for steps that must all succeed. A name alone would also mean "was skipped". */
export function allSucceeded(steps: readonly string[]): string {
  return steps.map((name) => `${name}.Succeeded`).join(' && ');
}
