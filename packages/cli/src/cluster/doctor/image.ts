import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { ask, type Finding, ok, unknown } from './finding.ts';

const CHECK = 'image';

/** Whether nodes have the image already. Whether they could pull it, only they know. */
export async function examineImage({ config }: Connection, image: string): Promise<Finding> {
  const asked = await ask(config.makeApiClient(CoreV1Api).listNode());
  const nodes = asked.is === 'there' ? asked.value.items : [];
  const having = nodes.filter(({ status }) =>
    // The API server says `null` of an image that has lost its name, whatever its types say.
    status?.images?.some(({ names }) => names?.some((name) => name.endsWith(image))),
  );
  if (having.length > 0)
    return ok(CHECK, `${image} is on ${having.length} of ${nodes.length} nodes`);
  return unknown(
    CHECK,
    `whether nodes can pull ${image} shows when one does`,
    `kubectl run pull-test --rm -i --restart=Never --image=${image} -- agentteam --version`,
  );
}
