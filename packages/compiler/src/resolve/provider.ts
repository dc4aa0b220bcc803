import type { AgentTeam } from '@agentteam/api';
import {
  aliasModels,
  type ProviderRef,
  providerUrl,
  type WorkloadIdentity,
} from '@agentteam/contract';
import type { ResolvedOptions } from './options.ts';

/** Who serves a team's models. */
export interface ResolvedProvider {
  /** Absent: Anthropic. */
  readonly ref?: ProviderRef;
  readonly identity?: ResolvedIdentity;
}

export interface ResolvedIdentity extends WorkloadIdentity {
  /** Service account of the pods with a gateway. */
  readonly serviceAccountName: string;
}

export function resolveProvider({ spec }: AgentTeam): ResolvedProvider {
  const { provider: name, region, project, resource, models, workloadIdentity } = spec.auth ?? {};
  if (name === undefined || name === 'anthropic') return {};
  return {
    ref: {
      name,
      ...(region !== undefined && { region }),
      ...(project !== undefined && { project }),
      ...(resource !== undefined && { resource }),
      models: { ...aliasModels(name, region), ...models },
    },
    ...(workloadIdentity !== undefined && { identity: workloadIdentity }),
  };
}

/** The base URL of the provider's API, for all agents. */
export function apiUrlOf({ ref }: ResolvedProvider, { api }: ResolvedOptions): string {
  return api.apiUrl ?? (ref === undefined ? 'https://api.anthropic.com' : providerUrl(ref));
}
