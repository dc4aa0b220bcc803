import type { TeamLive } from '@agentteam/contract';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../../kube/connection.ts';
import type { HostedTeam } from '../team-host.ts';

/**
 * Figures of a team that is at work: those of its last step where it has ended, else asked of a
 * gateway through the API server's pod proxy.
 * @returns undefined where no pod answers, or the caller may not reach into pods.
 */
export async function liveFigures(
  { config, namespace }: Connection,
  { live, status }: HostedTeam,
): Promise<TeamLive | undefined> {
  if (live !== undefined) return live;
  const pods = [status.lead, ...(status.teammates ?? [])].flatMap((member) =>
    member?.phase === 'Running' && member.podName !== undefined ? [member.podName] : [],
  );
  const core = config.makeApiClient(CoreV1Api);
  for (const pod of pods) {
    try {
      const answer: unknown = await core.connectGetNamespacedPodProxyWithPath({
        namespace,
        // Without a port it is the one that the pod declares, and that is the gateway's for figures.
        name: pod,
        path: 'status',
      });
      const figures = typeof answer === 'string' ? JSON.parse(answer) : answer;
      if (isLive(figures)) return figures;
    } catch {
      // A pod that begins or ends does not answer; the next one may.
    }
  }
  return undefined;
}

/** The answer comes out of a pod: believed as far as its shape goes. */
function isLive(value: unknown): value is TeamLive {
  const { usd, agents } = (value ?? {}) as Partial<TeamLive>;
  return (
    typeof usd === 'string' &&
    Array.isArray(agents) &&
    agents.every((agent) => /^\d+(\.\d+)?$/.test(agent?.usd) && typeof agent.tokens === 'object')
  );
}
