import { teamClaimName } from '@agentteam/compiler';
import { teamExitCode } from '@agentteam/status';
import { CoreV1Api } from '@kubernetes/client-node';
import { Failure } from '../../failure.ts';
import type { Connection } from '../../kube/connection.ts';
import { httpStatus, requestFailure } from '../../kube/errors.ts';
import type { HostedTeam } from '../team-host.ts';

/** Where a team's mail is that no agent at work has: on its shared claim, or gone with it. */
export async function lostMail(
  connection: Connection,
  { name, reference, status, workflow, live }: HostedTeam,
): Promise<Failure> {
  const claim = teamClaimName(workflow.metadata.name ?? name);
  const where = `claim ${connection.namespace}/${claim}`;
  const said =
    live === undefined
      ? []
      : [`What each agent said at its end is in its report: agentteam watch ${reference}`];
  const looked = await claimIs(connection, claim);
  if (looked === 'gone') {
    return new Failure(`the mail of ${name} is gone: its ${where} has been deleted`, {
      wayOut: [...said, `Where its results lie: agentteam get ${reference}`].join('\n'),
    });
  }
  const ended = teamExitCode(status) !== undefined;
  const alone =
    looked === 'there' ? `is on the ${where} alone` : `is on the ${where}, if that is still there`;
  return new Failure(
    `no agent of ${name} is at work${ended ? ' any more' : ' now'}, and its mail ${alone}`,
    {
      wayOut: [
        'In a pod that mounts it: teams/*/inboxes has what waits, sessions/*/journal.jsonl what was taken.',
        ...said,
      ].join('\n'),
    },
  );
}

async function claimIs(
  { config, namespace, server }: Connection,
  name: string,
): Promise<'there' | 'gone' | 'hidden'> {
  try {
    const api = config.makeApiClient(CoreV1Api);
    await api.readNamespacedPersistentVolumeClaim({ namespace, name });
    return 'there';
  } catch (error) {
    if (httpStatus(error) === 404) return 'gone';
    // Not everybody who may see teams may see claims.
    if (httpStatus(error) === 403) return 'hidden';
    throw requestFailure(error, server);
  }
}
