import { isAllowed, type Right } from '../../../cluster/connection/access.ts';
import type { Connection } from '../../../cluster/connection/connection.ts';
import { requestFailure } from '../../../cluster/connection/errors.ts';
import { Failure } from '../../../failure.ts';

/**
 * What it takes to read a volume through a pod. The API server asks for `get` on pods/exec because a WebSocket
 * begins with a GET request, and from Kubernetes 1.35 on for `create` as well.
 */
const EXEC: readonly Right[] = ['get', 'create'].map((verb) => ({
  ...{ verb, group: '', resource: 'pods/exec' },
}));
const NEEDED: readonly Right[] = [
  ...['create', 'get', 'delete'].map((verb) => ({ verb, group: '', resource: 'pods' })),
  ...EXEC,
];

/** The rights that the caller lacks to run a program in a pod, as text: `get pods/exec`. */
export function missingToExec(connection: Connection): Promise<readonly string[]> {
  return missingOf(connection, EXEC);
}

/** The rights that the caller lacks to read a volume through a pod of its own, as text: `create pods`. */
export function missingRights(connection: Connection): Promise<readonly string[]> {
  return missingOf(connection, NEEDED);
}

async function missingOf(
  connection: Connection,
  rights: readonly Right[],
): Promise<readonly string[]> {
  try {
    const allowed = await Promise.all(rights.map((right) => isAllowed(connection, right)));
    return rights
      .filter((_, index) => !allowed[index])
      .map(({ verb, resource }) => `${verb} ${resource}`);
  } catch (error) {
    throw requestFailure(error, connection.server);
  }
}

/** @throws Failure that names every right that is missing. */
export async function demandRights(connection: Connection): Promise<void> {
  const missing = await missingRights(connection);
  if (missing.length === 0) return;
  const { namespace } = connection;
  throw new Failure(
    `the results are on a volume of the cluster, and you may not ${missing.join(', ')} in ${namespace}`,
    {
      hint: `A short-lived pod reads the volume with your rights. Ask an administrator to run this and bind the role to you: kubectl create role agentteam-outputs -n ${namespace} --verb=create,get,delete --resource=pods,pods/exec`,
    },
  );
}
