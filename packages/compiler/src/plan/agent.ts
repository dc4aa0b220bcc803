import type { Lead, Teammate } from '@agentteam/api';
import { type AgentSpec, type GatewaySpec, LEAD, STEPS } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';
import { gateBefore, type ResolvedTeam } from '../resolve/resolve.ts';
import { scopeOf } from '../resolve/scope.ts';
import { approved, gateTaskName } from './gate.ts';
import { predecessors } from './predecessors.ts';
import type { AgentStep } from './step.ts';

export function planLead(team: ResolvedTeam, options: ResolvedOptions): AgentStep {
  return {
    kind: 'agent',
    task: { name: STEPS.lead },
    template: 'lead',
    spec: leadSpec(team),
    gateway: gatewaySpec(team, LEAD, team.lead, options),
    source: team.lead,
  };
}

export function planTeammate(
  team: ResolvedTeam,
  mate: Teammate,
  options: ResolvedOptions,
): AgentStep {
  const gate = gateBefore(team.gates, { teammate: mate.name });
  const depends = gate === undefined ? predecessors(mate) : gateTaskName(gate);
  return {
    kind: 'agent',
    task: {
      name: mate.name,
      ...(depends !== undefined && { depends }),
      ...(gate !== undefined && { when: approved(gate, options.proofHashes) }),
    },
    template: `agent-${mate.name}`,
    spec: {
      ...commonSpec(team, mate),
      members: team.roster,
      name: mate.name,
      role: 'teammate',
      permissionMode: 'auto-accept',
      dependsOn: mate.dependsOn ?? [],
      ...(mate.scope && { scope: scopeOf(mate) }),
    },
    gateway: gatewaySpec(team, mate.name, mate, options),
    source: mate,
  };
}

export function leadSpec(team: ResolvedTeam): AgentSpec {
  return {
    ...commonSpec(team, team.lead),
    name: LEAD,
    role: 'lead',
    permissionMode: team.lead.permissionMode,
    dependsOn: [],
    ...(team.lead.scope && { scope: scopeOf(team.lead) }),
  };
}

function commonSpec(
  team: ResolvedTeam,
  agent: Lead | Teammate,
): Omit<AgentSpec, 'name' | 'role' | 'permissionMode' | 'dependsOn'> {
  const name = 'name' in agent ? agent.name : LEAD;
  const member = team.members.find((candidate) => candidate.name === name);
  return {
    ...team.ref,
    model: agent.model,
    prompt: agent.prompt,
    work: member?.work ?? '',
    members: team.members,
    cwd: member?.cwd ?? '',
    inputs: (team.team.spec.workspace?.inputs ?? []).map((input) => input.mountPath),
    ...(team.output && { output: team.output.mountPath }),
    ...(team.repository && { repository: team.repository }),
    skills: (agent.skills ?? []).map((skill) => skill.name),
    mcpServers: (agent.mcpServers ?? []).map((server) => server.name),
    maxRestarts: team.team.spec.lifecycle.maxRestarts,
  };
}

export function gatewaySpec(
  team: ResolvedTeam,
  name: string,
  agent: Lead | Teammate,
  { record, apiFeatures = [] }: ResolvedOptions,
): GatewaySpec {
  const { auth = {}, lifecycle } = team.team.spec;
  const { budgetLimit, onLimit, onProviderLimit } = lifecycle;
  const secret = auth.apiKeySecret ?? auth.oauthSecret;
  return {
    ...team.ref,
    agent: name,
    ...(budgetLimit !== undefined && { teamLimit: budgetLimit }),
    ...(agent.budgetLimit !== undefined && { agentLimit: agent.budgetLimit }),
    onLimit,
    onProviderLimit,
    model: agent.model,
    ...(secret !== undefined && { secret }),
    mcpServers: (agent.mcpServers ?? []).map((server) => ({
      name: server.name,
      url: server.url,
      credential: server.credentialsSecret !== undefined,
    })),
    record,
    progress: true,
    ...(apiFeatures.length > 0 && { apiFeatures }),
  };
}
