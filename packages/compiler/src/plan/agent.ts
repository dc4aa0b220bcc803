import type {
  AgentSpec,
  GatewaySpec,
  MemberSpec,
  ServiceRef,
  VariableSpec,
  WorkloadIdentity,
} from '@agentteam/contract';
import type { ResolvedAgent } from '../resolve/agents.ts';
import { placedFile, type Service } from '../resolve/environment.ts';
import type { ResolvedOptions } from '../resolve/options.ts';
import type { ResolvedIdentity } from '../resolve/provider.ts';
import type { ResolvedTeam } from '../resolve/resolve.ts';
import { behindGate } from './gate.ts';
import { httpServers, stdioServers, valuesOf } from './mcp-servers.ts';
import type { MemberLists } from './members.ts';
import { sidecarSpecs } from './sidecars.ts';
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
  const { services = [] } = agent.environment;
  const sidecars = sidecarSpecs(agent);
  return {
    ...team.ref,
    model: agent.model,
    ...(team.provider.ref && { provider: team.provider.ref }),
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
    ...environmentOf(agent),
    ...(services.length > 0 && { services: services.map(({ name }) => name) }),
    ...(sidecars.length > 0 && { sidecars }),
    ...placementOf(agent),
    ...(team.questions && { questions: team.questions }),
    maxRestarts: team.limits.maxRestarts,
    name: agent.name,
    role: agent.role,
    permissionMode: agent.permissionMode,
    dependsOn: agent.dependsOn,
    ...(agent.scope && { scope: agent.scope }),
  };
}

/** What the runner must know of the agent's volumes, files and identity. */
function placementOf({
  environment: { mounts = [], files = [], serviceAccountName },
}: ResolvedAgent): Pick<AgentSpec, 'mounts' | 'files' | 'serviceAccount'> {
  return {
    ...(mounts.length > 0 && { mounts: mounts.map(({ mountPath }) => mountPath) }),
    ...(files.length > 0 && { files: files.map(placedFile) }),
    ...(serviceAccountName !== undefined && { serviceAccount: serviceAccountName }),
  };
}

function environmentOf({
  environment: { image, env = [] },
}: ResolvedAgent): Pick<AgentSpec, 'image' | 'variables'> {
  return {
    ...(image !== undefined && { image }),
    ...(env.length > 0 && {
      variables: env.map(({ name, value = '', valueFrom }): VariableSpec => {
        const { configMapKeyRef, fieldRef } = valueFrom ?? {};
        if (configMapKeyRef !== undefined) {
          return { name, configMap: configMapKeyRef.name, key: configMapKeyRef.key };
        }
        return fieldRef === undefined ? { name, value } : { name, field: fieldRef.fieldPath };
      }),
    }),
  };
}

export function gatewaySpec(
  { ref, limits, secrets, provider }: ResolvedTeam,
  agent: ResolvedAgent,
  { api: { record, apiFeatures = [] } }: ResolvedOptions,
): GatewaySpec {
  const { services = [] } = agent.environment;
  return {
    ...ref,
    agent: agent.name,
    ...(limits.budgetLimit !== undefined && { teamBudgetLimit: limits.budgetLimit }),
    ...(agent.budgetLimit !== undefined && { agentBudgetLimit: agent.budgetLimit }),
    onLimit: limits.onLimit,
    onProviderLimit: limits.onProviderLimit,
    model: agent.model,
    ...(provider.ref && { provider: provider.ref }),
    ...(provider.identity && { workloadIdentity: identityOf(provider.identity) }),
    ...(secrets.api !== undefined && { secret: secrets.api }),
    ...(secrets.credentials.length > 0 && { credentials: secrets.credentials }),
    mcpServers: httpServers(agent).map((server) => ({
      name: server.name,
      url: server.url,
      credential: server.credentialsSecret !== undefined,
      ...(server.headers && { headers: valuesOf(server.headers) }),
      ...(server.headersSecret !== undefined && { headersSecret: server.headersSecret }),
    })),
    ...(services.length > 0 && { services: services.map(serviceRef) }),
    record,
    progress: true,
    ...(apiFeatures.length > 0 && { apiFeatures }),
  };
}

function serviceRef({ name, url, credentialsSecret, header, methods }: Service): ServiceRef {
  return {
    name,
    url,
    ...(credentialsSecret !== undefined && { secret: credentialsSecret }),
    ...(header !== undefined && { header }),
    ...(methods !== undefined && { methods }),
  };
}

function identityOf({
  serviceAccountName: _name,
  ...identity
}: ResolvedIdentity): WorkloadIdentity {
  return identity;
}
