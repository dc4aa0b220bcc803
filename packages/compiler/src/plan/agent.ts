import type { AgentSpec, GatewaySpec, MemberSpec } from '@agentteam/contract';
import type { ResolvedAgent } from '../resolve/agents.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { behindGate } from './gate.ts';
import { httpServers, stdioServers, valuesOf } from './mcp-servers.ts';
import type { MemberLists } from './members.ts';
import type { AgentStep } from './step.ts';

export function planAgent(
  team: ResolvedTeam,
  agent: ResolvedAgent,
  members: MemberLists,
  options: ResolvedOptions,
): AgentStep {
  return {
    kind: 'agent',
    task: { name: agent.step, ...behindGate(agent.gate, agent.predecessors, options) },
    agent,
    spec: agentSpec(team, agent, agent.role === 'lead' ? members.detailed : members.roster),
    gateway: gatewaySpec(team, agent, options),
  };
}

export function agentSpec(
  team: ResolvedTeam,
  agent: ResolvedAgent,
  members: readonly MemberSpec[],
): AgentSpec {
  return {
    ...team.ref,
    model: agent.model,
    prompt: agent.prompt,
    work: agent.work,
    members,
    cwd: agent.cwd,
    inputs: team.inputs.map(({ mountPath }) => mountPath),
    ...(team.output && { output: team.output.mountPath }),
    ...(team.repository && { repository: team.repository }),
    skills: agent.skills.map(({ name }) => name),
    ...(agent.plugins.length > 0 && { plugins: agent.plugins.map(({ name }) => name) }),
    mcpServers: httpServers(agent).map(({ name }) => name),
    ...stdioServers(agent),
    maxRestarts: team.limits.maxRestarts,
    name: agent.name,
    role: agent.role,
    permissionMode: agent.permissionMode,
    dependsOn: agent.dependsOn,
    ...(agent.scope && { scope: agent.scope }),
  };
}

export function gatewaySpec(
  { ref, limits, secrets }: ResolvedTeam,
  agent: ResolvedAgent,
  { api: { record, apiFeatures = [] } }: ResolvedOptions,
): GatewaySpec {
  return {
    ...ref,
    agent: agent.name,
    ...(limits.budgetLimit !== undefined && { teamBudgetLimit: limits.budgetLimit }),
    ...(agent.budgetLimit !== undefined && { agentBudgetLimit: agent.budgetLimit }),
    onLimit: limits.onLimit,
    onProviderLimit: limits.onProviderLimit,
    model: agent.model,
    ...(secrets.api !== undefined && { secret: secrets.api }),
    mcpServers: httpServers(agent).map((server) => ({
      name: server.name,
      url: server.url,
      credential: server.credentialsSecret !== undefined,
      ...(server.headers && { headers: valuesOf(server.headers) }),
      ...(server.headersSecret !== undefined && { headersSecret: server.headersSecret }),
    })),
    record,
    progress: true,
    ...(apiFeatures.length > 0 && { apiFeatures }),
  };
}
