import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Finding, lookUp, ok, unknown } from './finding.ts';

const CHECK = 'image';

/** Checks whether nodes have the image. Whether a node can pull it is only known when it tries. */
export async function examineImage({ config }: Connection, image: string): Promise<Finding> {
  const found = await lookUp(config.makeApiClient(CoreV1Api).listNode());
  const nodes = found.state === 'found' ? found.value.items : [];
  const withImage = nodes.filter(({ status }) =>
    // Despite its type, `names` is null for an image without a name.
    status?.images?.some(({ names }) => names?.some((name) => name.endsWith(image))),
  );
  if (withImage.length > 0) {
    return ok(CHECK, `${image} is on ${withImage.length} of ${nodes.length} nodes`);
  }
  return unknown(
    CHECK,
    `no node has ${image} yet, and whether nodes can pull it is unknown`,
    `To try it, run: kubectl run pull-test --rm -i --restart=Never --image=${image} -- agentteam --version`,
  );
}
