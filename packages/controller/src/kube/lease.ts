import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { KubeApi } from './api.ts';
import { httpStatus } from './kube-error.ts';
import type { KubeObject, ObjectRef } from './objects.ts';

export interface LeaseOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly name: string;
  /** Name of this replica: the pod's name. */
  readonly identity: string;
  /** How long the lease is valid without a renewal. Default: 12 s, so another replica leads within 15 s. */
  readonly durationMs?: number;
  readonly retryMs?: number;
  readonly log: Logger;
}

interface Lease extends KubeObject {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

/** A replica that cannot renew its lease stops this long before the lease expires. */
const LEAVE_MS = 2_000;

class LeaseTaken extends Error {}

/**
 * Leader election with a `coordination.k8s.io/v1` Lease. The replica that writes its name into an
 * expired lease leads; the write is a compare-and-swap on `resourceVersion`. Because the clocks of
 * replicas may differ, a lease counts as expired when this replica has seen it unchanged for its
 * duration.
 */
export class LeaderElection {
  readonly #options: Required<LeaseOptions>;
  /** The version of another replica's lease, and when it expires unless it changes. */
  #observed: { readonly version: string; readonly until: number } | undefined;
  #held: Lease | undefined;

  constructor(options: LeaseOptions) {
    this.#options = { durationMs: 12_000, retryMs: 2_000, ...options };
  }

  /** Resolves when this replica leads. Rejects with the signal's reason when the signal aborts first. */
  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        if (await this.#tryAcquire()) return;
      } catch (error) {
        this.#options.log.warn({ error: String(error) }, 'could not read or write the lease');
      }
      // Retry as soon as the lease expires: renewed at 0 s, seen at 2.4 s, acquired by 14.4 s.
      const retry = this.#options.retryMs * (0.8 + Math.random() * 0.4);
      await delay(Math.min(retry, this.#expiresIn || retry), undefined, { signal });
    }
  }

  /**
   * Renews the lease until the signal aborts, and then releases it, so that the next replica does not
   * wait.
   * @throws Error when the lease is lost. The process must exit, because another replica may lead.
   */
  async hold(signal: AbortSignal): Promise<void> {
    let renewedAt = Date.now();
    while (!signal.aborted) {
      await delay(this.#options.retryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      // Stop before another replica can lead, but tolerate a server that is slow for a while.
      const deadline = renewedAt + this.#options.durationMs - LEAVE_MS;
      try {
        const asked = Date.now();
        this.#held = await inTime(this.#renew(), deadline - asked);
        renewedAt = asked;
      } catch (error) {
        if (error instanceof LeaseTaken) throw error;
        if (Date.now() >= deadline) {
          throw new Error('the lease could not be renewed in time', { cause: error });
        }
      }
    }
    await this.#write(this.#held, { holderIdentity: '', leaseDurationSeconds: 1 }).catch(() => {});
  }

  /** A conflict may come from this replica's own renewal whose reply was lost. */
  async #renew(): Promise<Lease> {
    try {
      return await this.#write(this.#held, {});
    } catch (error) {
      if (httpStatus(error) !== 409) throw error;
      const current = await this.#options.api.read<Lease>(this.#ref);
      if (current?.spec.holderIdentity === this.#options.identity) return this.#write(current, {});
      throw new LeaseTaken('another replica took the lease');
    }
  }

  async #tryAcquire(): Promise<boolean> {
    const { api, identity, log } = this.#options;
    const current = await api.read<Lease>(this.#ref);
    const holder = current?.spec.holderIdentity ?? '';
    if (current !== undefined && holder !== '' && holder !== identity && !this.#expired(current)) {
      return false;
    }
    const now = microTime();
    const transitions = (current?.spec.leaseTransitions ?? 0) + (current === undefined ? 0 : 1);
    try {
      this.#held = await this.#write(current, { acquireTime: now, leaseTransitions: transitions });
    } catch (error) {
      if (httpStatus(error) === 409) return false;
      throw error;
    }
    log.info({ identity, previous: holder }, 'became the leader');
    return true;
  }

  #expired(lease: Lease): boolean {
    const version = lease.metadata.resourceVersion ?? '';
    const duration = (lease.spec.leaseDurationSeconds ?? 0) * 1000;
    if (this.#observed?.version !== version) {
      this.#observed = { version, until: Date.now() + duration };
    }
    return Date.now() >= this.#observed.until;
  }

  /** Milliseconds until another replica's lease expires unless it is renewed. */
  get #expiresIn(): number {
    return Math.max(0, (this.#observed?.until ?? 0) - Date.now());
  }

  async #write(current: Lease | undefined, changes: Partial<Lease['spec']>): Promise<Lease> {
    const { api, identity, durationMs } = this.#options;
    const spec = {
      ...current?.spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(durationMs / 1000),
      renewTime: microTime(),
      ...changes,
    };
    const { apiVersion, kind, name, namespace } = this.#ref;
    const own = { name, ...(namespace !== undefined && { namespace }) };
    const lease = { apiVersion, kind, metadata: current?.metadata ?? own, spec };
    const metadata = await (current === undefined ? api.create(lease) : api.replace(lease));
    return { ...lease, metadata };
  }

  get #ref(): ObjectRef {
    const { namespace, name } = this.#options;
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name };
  }
}

/** Rejects after `ms`: a dead connection must not hide that the lease is lost. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = new AbortController();
  const timeout = delay(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`no reply within ${ms} ms`);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    late.abort();
    timeout.catch(() => {});
    work.catch(() => {});
  }
}

/** The current time with microseconds (`metav1.MicroTime`). */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
