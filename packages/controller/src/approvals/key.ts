import { randomBytes } from 'node:crypto';
import type { KubeApi } from '../kube/api.ts';
import { httpStatus } from '../kube/kube-error.ts';
import type { KubeObject, Manifest } from '../kube/objects.ts';

/** Name of the Secret in the controller's own namespace. */
export const GATE_KEY_SECRET = 'agentteam-gate-key';
const ENTRY = 'key';
const BYTES = 32;

/**
 * The key that gates with approvers are opened with. Made once for an installation, by the replica
 * that comes first; the others read what that one made. It is kept away from teams: in the
 * controller's own namespace, where nobody needs rights who works with teams.
 * @throws Error when the Secret is there and holds no key: a new one would close every gate that waits.
 */
export async function installationKey(api: KubeApi, namespace: string): Promise<Buffer> {
  const secret: Manifest = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: GATE_KEY_SECRET,
      namespace,
      labels: { 'app.kubernetes.io/managed-by': 'agentteam' },
    },
    type: 'Opaque',
    immutable: true,
    data: { [ENTRY]: randomBytes(BYTES).toString('base64') },
  };
  const ref = { ...secret, namespace, name: GATE_KEY_SECRET };
  const known = await api.read<StoredSecret>(ref);
  if (known !== undefined) return keyIn(known, namespace);
  try {
    await api.create(secret);
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
  }
  const made = await api.read<StoredSecret>(ref);
  if (made === undefined) throw new Error(`Secret ${namespace}/${GATE_KEY_SECRET} is gone again`);
  return keyIn(made, namespace);
}

interface StoredSecret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

function keyIn({ data = {} }: StoredSecret, namespace: string): Buffer {
  const key = Buffer.from(data[ENTRY] ?? '', 'base64');
  if (key.length >= BYTES) return key;
  throw new Error(
    `Secret ${namespace}/${GATE_KEY_SECRET} has no \`${ENTRY}\` of ${BYTES} bytes: restore it, or delete it to have a new one made (gates that wait cannot be opened then)`,
  );
}
