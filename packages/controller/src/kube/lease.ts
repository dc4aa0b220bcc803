import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { httpStatus, type KubeApi } from './api.ts';
import type { KubeObject, ObjectRef } from './objects.ts';

/**
 * Leader election by a `coordination.k8s.io/v1` Lease: whoever writes its name into an expired
 * lease leads, and the write is a compare-and-swap on `resourceVersion`. Clocks of replicas may
 * differ: a lease counts as expired when *this* replica has seen it unchanged for its duration.
 */
export interface LeaseOptions {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly name: string;
  /** Name of this replica: the pod's name. */
  readonly identity: string;
  /** How long a lease holds without renewal. Default 12 s: a second replica leads within 15. */
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

export class LeaderElection {
  readonly #options: Required<LeaseOptions>;
  #observed: { readonly version: string; readonly at: number } | undefined;
  #held: Lease | undefined;

  constructor(options: LeaseOptions) {
    this.#options = { durationMs: 12_000, retryMs: 2_000, ...options };
  }

  /** Resolves when this replica leads; rejects with the signal's reason when aborted first. */
  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        if (await this.#tryAcquire()) return;
      } catch (error) {
        this.#options.log.warn({ error: String(error) }, 'could not read or write the lease');
      }
      await delay(this.#options.retryMs * (0.8 + Math.random() * 0.4), undefined, { signal });
    }
  }

  /**
   * Renews until the signal aborts, then gives the lease back so that the next replica need not
   * wait. Throws when the lease was lost: the process must leave, for another may already lead.
   */
  async hold(signal: AbortSignal): Promise<void> {
    let renewedAt = Date.now();
    while (!signal.aborted) {
      await delay(this.#options.retryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) break;
      try {
        this.#held = await this.#write(this.#held, {});
        renewedAt = Date.now();
      } catch (error) {
        if (httpStatus(error) === 409) throw new Error('another replica took the lease');
        // Two thirds of the duration: to be gone before somebody else may begin.
        if (Date.now() - renewedAt > (this.#options.durationMs * 2) / 3) {
          throw new Error('the lease could not be renewed in time', { cause: error });
        }
      }
    }
    await this.#write(this.#held, { holderIdentity: '', leaseDurationSeconds: 1 }).catch(() => {});
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
    log.info({ identity, previous: holder }, 'leading');
    return true;
  }

  #expired(lease: Lease): boolean {
    const version = lease.metadata.resourceVersion ?? '';
    if (this.#observed?.version !== version) this.#observed = { version, at: Date.now() };
    const duration = (lease.spec.leaseDurationSeconds ?? 0) * 1000;
    return Date.now() - this.#observed.at > duration;
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
    if (current !== undefined) return api.replace<Lease>({ ...current, spec });
    const { apiVersion, kind, name, namespace } = this.#ref;
    const metadata = { name, ...(namespace !== undefined && { namespace }) };
    return api.create<Lease>({ apiVersion, kind, metadata, spec });
  }

  get #ref(): ObjectRef {
    const { namespace, name } = this.#options;
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name };
  }
}

/** Leases carry microseconds (`metav1.MicroTime`). */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
