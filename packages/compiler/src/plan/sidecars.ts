import { parseDuration, type SidecarProbe, type SidecarSpec } from '@agentteam/contract';
import type { ResolvedAgent } from '../resolve/agents.ts';
import type { Sidecar } from '../resolve/environment.ts';

/** Kubernetes' probes never give up, so the agent's runner waits for the sidecars, and ends its step. */
export function sidecarSpecs({ environment }: ResolvedAgent): readonly SidecarSpec[] {
  return (environment.sidecars ?? []).map((sidecar) => ({
    name: sidecar.name,
    probes: probesOf(sidecar),
    timeoutSeconds: parseDuration(sidecar.readiness?.timeout ?? DEFAULT_TIMEOUT) ?? 0,
  }));
}

const DEFAULT_TIMEOUT = '2m';

function probesOf({ readiness, ports = [] }: Sidecar): readonly SidecarProbe[] {
  const { tcp, http } = readiness ?? {};
  if (http !== undefined) return [http];
  return tcp === undefined ? ports.map((port) => ({ port })) : [{ port: tcp }];
}
