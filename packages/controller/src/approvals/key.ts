import { randomBytes } from 'node:crypto';
import { GATE_KEY_SECRET } from '@agentteam/contract';
import type { KubeApi } from '../kube/api.ts';
import { httpStatus } from '../kube/kube-error.ts';
import type { KubeObject, Manifest } from '../kube/objects.ts';

const ENTRY = 'key';
const BYTES = 32;

/**
 * Returns the key that opens gates with approvers. The first replica creates it once per installation,
 * in a Secret of the controller's own namespace, where users of teams need no rights.
 * @throws Error when the Secret has no valid key. A new key could not open the gates that are waiting.
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
  const existing = await api.read<Secret>(ref);
  if (existing !== undefined) return keyIn(existing, namespace);
  try {
    await api.create(secret);
  } catch (error) {
    if (httpStatus(error) !== 409) throw error;
  }
  const created = await api.read<Secret>(ref);
  if (created === undefined) {
    throw new Error(`Secret ${namespace}/${GATE_KEY_SECRET} was deleted right after its creation`);
  }
  return keyIn(created, namespace);
}

interface Secret extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

function keyIn({ data = {} }: Secret, namespace: string): Buffer {
  const key = Buffer.from(data[ENTRY] ?? '', 'base64');
  if (key.length >= BYTES) return key;
  throw new Error(
    `Secret ${namespace}/${GATE_KEY_SECRET} has no \`${ENTRY}\` of ${BYTES} bytes: restore it, or delete the Secret to create a new key (which cannot open the gates that are waiting)`,
  );
}
