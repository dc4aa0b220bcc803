import { FIGURES, LEAD, PORTS, parseFigures, type TeamLive } from '@agentteam/contract';
import { askFor, openAnswer, type ProvenFor } from '@agentteam/figures';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../../cluster/connection/connection.ts';
import { getFromPod } from '../../cluster/connection/pod-request.ts';
import type { HostedTeam } from '../team-host.ts';

const ANSWER_WITHIN_MS = 5_000;
/** Gateways that are asked. Where the first ones do not answer, the network usually keeps all of them from it. */
const MOST_ASKED = 3;

/** An agent whose gateway can be queried. */
interface Queried {
  readonly agent: string;
  readonly pod: string;
}

/**
 * Reads the figures of a team: from its last step when it has ended, otherwise from a gateway through
 * the API server's pod proxy. The key of the namespace proves that a gateway's figures are authentic.
 * @returns undefined when no pod answers, or the caller lacks permission for pods/proxy or the key.
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
  const queried = members.flatMap(({ agent, member }) =>
    member?.phase === 'Running' && member.podName !== undefined
      ? [{ agent, pod: member.podName }]
      : [],
  );
  const key = queried.length === 0 ? undefined : await figuresKey(connection);
  const { name, uid } = workflow.metadata;
  if (key === undefined || name === undefined || uid === undefined) return undefined;
  const of = { namespace: connection.namespace, team: name, run: uid };
  const port = team.spec.observability?.metrics?.port ?? PORTS.status;
  const teammates = team.spec.teammates.map((teammate) => teammate.name);
  for (const one of queried.slice(0, MOST_ASKED)) {
    const text = await answerOf(connection, one, port, key, of);
    const read = text === undefined ? undefined : parseFigures(text, teammates);
    if (read !== undefined && 'figures' in read) return read.figures;
  }
  return undefined;
}

/** @returns undefined when the pod does not answer, as while it starts or ends, or the proof is wrong. */
async function answerOf(
  connection: Connection,
  { agent, pod }: Queried,
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
    // A caller without permission to read Secrets still sees the team's status.
    return undefined;
  }
}
