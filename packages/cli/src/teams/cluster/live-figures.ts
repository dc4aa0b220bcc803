import { FIGURES, LEAD, PORTS, parseFigures, type TeamLive } from '@agentteam/contract';
import { askFor, openAnswer, type ProvenFor } from '@agentteam/figures';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../../cluster/connection/connection.ts';
import { getFromPod } from '../../cluster/connection/pod-request.ts';
import type { HostedTeam } from '../team-host.ts';

const ANSWER_WITHIN_MS = 5_000;

/** An agent whose gateway can be asked. */
interface Asked {
  readonly agent: string;
  readonly pod: string;
}

/**
 * Figures of a team that is at work: those of its last step where it has ended, else asked of a
 * gateway through the API server's pod proxy, and believed as far as the namespace's key proves them.
 * @returns undefined where no pod answers, or the caller may not reach into pods or read the key.
 */
export async function liveFigures(
  connection: Connection,
  { live, status, team, workflow }: HostedTeam,
): Promise<TeamLive | undefined> {
  if (live !== undefined) return live;
  const members = [
    { agent: LEAD, member: status.lead },
    ...(status.teammates ?? []).map((member) => ({ agent: member.name, member })),
  ];
  const asked = members.flatMap(({ agent, member }) =>
    member?.phase === 'Running' && member.podName !== undefined
      ? [{ agent, pod: member.podName }]
      : [],
  );
  const key = asked.length === 0 ? undefined : await figuresKey(connection);
  const { name, uid } = workflow.metadata;
  if (key === undefined || name === undefined || uid === undefined) return undefined;
  const of = { namespace: connection.namespace, team: name, run: uid };
  const port = team.spec.observability?.metrics?.port ?? PORTS.status;
  const teammates = team.spec.teammates.map((teammate) => teammate.name);
  for (const one of asked) {
    const text = await answerOf(connection, one, port, key, of);
    const read = text === undefined ? undefined : parseFigures(text, teammates);
    if (read !== undefined && 'figures' in read) return read.figures;
  }
  return undefined;
}

/** A pod that begins or ends does not answer, or somebody else in it does; the next one may. */
async function answerOf(
  connection: Connection,
  { agent, pod }: Asked,
  port: number,
  key: string,
  of: ProvenFor,
): Promise<string | undefined> {
  const { nonce, headers } = askFor(key, of, agent);
  const request = { pod, port, path: 'status', headers };
  const limits = { withinMs: ANSWER_WITHIN_MS, maxBytes: FIGURES.maxBytes };
  try {
    const answer = await getFromPod(connection, { ...request, ...limits });
    return openAnswer(key, of, agent, nonce, answer);
  } catch {
    return undefined;
  }
}

async function figuresKey({ config, namespace }: Connection): Promise<string | undefined> {
  const core = config.makeApiClient(CoreV1Api);
  try {
    const { data } = await core.readNamespacedSecret({ namespace, name: FIGURES.secret });
    const key = data?.[FIGURES.secretKey];
    return key && Buffer.from(key, 'base64').toString('utf8');
  } catch {
    // Not everybody who may see teams may read Secrets: they have the team's status.
    return undefined;
  }
}
