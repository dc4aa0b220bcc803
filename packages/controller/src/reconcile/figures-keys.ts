import { randomBytes } from 'node:crypto';
import { FIGURES } from '@agentteam/contract';
import type { KubeApi } from '../kube/api.ts';
import { httpStatus } from '../kube/kube-error.ts';
import type { KubeObject, ObjectMeta, ObjectRef } from '../kube/objects.ts';

/** Read the Secret again after this time: a person may have deleted or replaced it. */
const FRESH_FOR_MS = 3_600_000;
/** Shortest time before a key that verified nothing is read again. */
const REREAD_AFTER_MS = 60_000;
const KEY = /^[\w-]{32,}$/;

type StoredSecret = KubeObject & { readonly data?: Readonly<Record<string, string>> };

interface FiguresKey {
  readonly key: string;
  /** When the API server created the Secret, ISO 8601. */
  readonly createdAt: string | undefined;
}

interface Known {
  readonly at: number;
  readonly key: Promise<FiguresKey>;
}

/**
 * The key of each namespace that proves the figures of its teams. Gateways and the last step mount it
 * from a Secret. The Secret has the same name in every namespace, so that a rule with `resourceNames`
 * lets the controller read this Secret only.
 */
export class FiguresKeys {
  readonly #api: Pick<KubeApi, 'apply' | 'read' | 'replace'>;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();

  constructor(api: Pick<KubeApi, 'apply' | 'read' | 'replace'>, now: () => number = Date.now) {
    this.#api = api;
    this.#now = now;
  }

  /** Returns the key of a namespace, and creates it if necessary. Concurrent calls share one request. */
  async keyOf(namespace: string): Promise<string> {
    return (await this.#keyOf(namespace)).key;
  }

  /**
   * Whether an object was created before the namespace's key. The API server sets both times, and nobody can
   * change them.
   */
  async isOlderThanKey({ namespace = '', creationTimestamp }: ObjectMeta): Promise<boolean> {
    const { createdAt } = await this.#keyOf(namespace);
    if (createdAt === undefined || creationTimestamp === undefined) return false;
    return Date.parse(creationTimestamp) < Date.parse(createdAt);
  }

  async #keyOf(namespace: string): Promise<FiguresKey> {
    const known = this.#known.get(namespace);
    if (known !== undefined && this.#now() - known.at < FRESH_FOR_MS) return known.key;
    const asked = { at: this.#now(), key: this.#readOrCreate(namespace) };
    this.#known.set(namespace, asked);
    try {
      return await asked.key;
    } catch (error) {
      if (this.#known.get(namespace) === asked) this.#known.delete(namespace);
      throw error;
    }
  }

  /**
   * Drops the cached key after a proof was invalid, unless the key was read a moment ago.
   * @returns whether the next call of `keyOf` reads the Secret again.
   */
  invalidate(namespace: string): boolean {
    const known = this.#known.get(namespace);
    if (known === undefined || this.#now() - known.at < REREAD_AFTER_MS) return false;
    return this.#known.delete(namespace);
  }

  async #readOrCreate(namespace: string): Promise<FiguresKey> {
    const ref: ObjectRef = { apiVersion: 'v1', kind: 'Secret', namespace, name: FIGURES.secret };
    const found = await this.#api.read<StoredSecret>(ref);
    const key = keyIn(found);
    if (key !== undefined) return key;
    if (found === undefined) await this.#api.apply(emptySecret(namespace));
    return this.#fill(ref);
  }

  /** Two replicas may find the Secret empty. The second one reads the key that the first one wrote. */
  async #fill(ref: ObjectRef): Promise<FiguresKey> {
    const empty = await this.#api.read<StoredSecret>(ref);
    const present = keyIn(empty);
    if (empty === undefined)
      throw new Error(`Secret ${ref.name} was deleted right after its creation`);
    if (present !== undefined) return present;
    const key = randomBytes(32).toString('base64url');
    const data = { ...empty.data, [FIGURES.secretKey]: Buffer.from(key).toString('base64') };
    try {
      await this.#api.replace({
        ...empty,
        ...{ apiVersion: 'v1', kind: 'Secret' },
        data,
      } as KubeObject);
      return { key, createdAt: empty.metadata.creationTimestamp };
    } catch (error) {
      const written = httpStatus(error) === 409 ? keyIn(await this.#api.read(ref)) : undefined;
      if (written === undefined) throw error;
      return written;
    }
  }
}

function keyIn(secret: StoredSecret | undefined): FiguresKey | undefined {
  const key = Buffer.from(secret?.data?.[FIGURES.secretKey] ?? '', 'base64').toString('utf8');
  return KEY.test(key) ? { key, createdAt: secret?.metadata.creationTimestamp } : undefined;
}

function emptySecret(namespace: string): KubeObject {
  const labels = { 'app.kubernetes.io/managed-by': 'agentteam' };
  const metadata = { name: FIGURES.secret, namespace, labels };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' } as KubeObject;
}
