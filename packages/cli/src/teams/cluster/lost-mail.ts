import { teamClaimName } from '@agentteam/compiler';
import { teamExitCode } from '@agentteam/status';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../../cluster/connection/connection.ts';
import { httpStatus, requestFailure } from '../../cluster/connection/errors.ts';
import { Failure } from '../../failure.ts';
import type { HostedTeam } from '../team-host.ts';

/** Explains where the mail of a team without running agents is: on its shared claim, or deleted with it. */
export async function lostMail(
  connection: Connection,
  { name, reference, status, workflow, live }: HostedTeam,
): Promise<Failure> {
  const claim = teamClaimName(workflow.metadata.name ?? name);
  const where = `claim ${connection.namespace}/${claim}`;
  const reports =
    live === undefined
      ? []
      : [`To see the report of each agent, run: agentteam watch ${reference}`];
  const state = await claimState(connection, claim);
  if (state === 'deleted') {
    return new Failure(`the mail of ${name} is gone, because its ${where} was deleted`, {
      hint: [...reports, `To see where its results are, run: agentteam get ${reference}`].join(
        '\n  ',
      ),
    });
  }
  const running =
    teamExitCode(status) === undefined
      ? `no agent of ${name} is running now`
      : `the agents of ${name} have ended`;
  const onClaim =
    state === 'exists'
      ? `its mail is only on the ${where}`
      : `its mail is on the ${where}, if that still exists`;
  return new Failure(`${running}, and ${onClaim}`, {
    hint: [
      `To read it through a short-lived pod, run: agentteam messages ${reference} --volume`,
      ...reports,
    ].join('\n  '),
  });
}

async function claimState(
  { config, namespace, server }: Connection,
  name: string,
): Promise<'exists' | 'deleted' | 'forbidden'> {
  try {
    const api = config.makeApiClient(CoreV1Api);
    await api.readNamespacedPersistentVolumeClaim({ namespace, name });
    return 'exists';
  } catch (error) {
    if (httpStatus(error) === 404) return 'deleted';
    if (httpStatus(error) === 403) return 'forbidden';
    throw requestFailure(error, server);
  }
}
