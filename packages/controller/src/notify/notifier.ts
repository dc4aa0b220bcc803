import { wholeSeconds } from '@agentteam/contract';
import { type Channel, type Notification, Retryable } from '@agentteam/notify';
import { namespaceOf } from '../fair-queue.ts';
import { MemoryQuota } from '../kube/memory-quota.ts';
import { KeyedQueue } from '../queue.ts';

/** A notification to send for a team. */
export interface PendingNotification {
  /** The event of a gate, or of the team's webhook. */
  readonly event: string;
  readonly channel: Channel;
  readonly notification: Notification;
}

export interface NotifierOptions {
  /** Sends a notification. @throws Retryable for a temporary failure, and another error for a final one. */
  readonly deliver: (pending: PendingNotification, signal: AbortSignal) => Promise<void>;
  /** A notification was sent, so the team's status must be updated. */
  readonly onSent: (team: string) => void;
  /** A notification failed for good and is not sent again. */
  readonly onRefused: (team: string, event: string, error: Error) => void;
  /** A notification failed and will be sent again. */
  readonly onRetry: (team: string, event: string, error: unknown, retryMs: number) => void;
}

/** Characters of all notifications that wait. That of a gate has a prompt and reports, and a receiver may never reply. */
const WAITING_CHARACTERS = 32 << 20;
/** Notifications at the same time, so that a receiver that hangs delays no team. */
const CONCURRENCY = 8;

/**
 * Sends each notification of a team once. The team's status records what was sent. A controller that
 * crashes before it writes the status sends the notification again with the same id, by which the
 * receiver recognizes it.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #queue: KeyedQueue;
  /** By team, and then by event. */
  readonly #pending = new Map<string, ReadonlyMap<string, PendingNotification>>();
  /** Times by team, and then by event and the time at which its gate opened. */
  readonly #sent = new Map<string, Map<string, string>>();
  readonly #quota = new MemoryQuota(WAITING_CHARACTERS);
  /** Ids of notifications that failed for good. */
  readonly #refused = new Set<string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({
      concurrency: CONCURRENCY,
      work: (key, signal) => this.#send(key, signal),
      onError: (key, error, retryMs) => {
        const { team, event } = splitKey(key);
        options.onRetry(team, event, error, retryMs);
      },
    });
  }

  /**
   * Replaces the pending notifications of a team.
   * @returns whether all of them are kept; the others exceed the namespace's share of memory, and the caller gives
   *   them again later.
   */
  setPending(team: string, pending: readonly PendingNotification[]): boolean {
    const before = this.#pending.get(team);
    this.#drop(team);
    const kept = pending.filter(({ event, notification }) =>
      this.#quota.reserve(
        `${team} ${event}`,
        namespaceOf(team),
        JSON.stringify(notification).length,
      ),
    );
    if (kept.length > 0) this.#pending.set(team, new Map(kept.map((one) => [one.event, one])));
    for (const { event, notification } of kept) {
      const isKnown = before?.get(event)?.notification.id === notification.id;
      if (!isKnown && !this.#refused.has(notification.id)) this.#queue.add(`${team} ${event}`);
    }
    return kept.length === pending.length;
  }

  #drop(team: string): void {
    for (const event of this.#pending.get(team)?.keys() ?? []) {
      this.#quota.release(`${team} ${event}`);
    }
    this.#pending.delete(team);
  }

  /**
   * When the recipient of a gate was notified, ISO 8601.
   * @param openedAt a retry opens a stopped gate again.
   */
  sentAt(team: string, event: string, openedAt = ''): string | undefined {
    return this.#sent.get(team)?.get(`${event} ${openedAt}`);
  }

  forget(team: string): void {
    this.#drop(team);
    this.#sent.delete(team);
  }

  /** Sends notifications until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  async #send(key: string, signal: AbortSignal): Promise<undefined> {
    const { team, event } = splitKey(key);
    const pending = this.#pending.get(team)?.get(event);
    if (pending === undefined) return;
    const { id, at } = pending.notification;
    try {
      await this.#options.deliver(pending, signal);
    } catch (error) {
      if (error instanceof Retryable || signal.aborted) throw error;
      this.#refused.add(id);
      this.#options.onRefused(team, event, error as Error);
      return;
    }
    const sent = this.#sent.get(team) ?? new Map<string, string>();
    this.#sent.set(team, sent.set(`${event} ${at}`, wholeSeconds(new Date())));
    this.#options.onSent(team);
  }
}

/** Neither a namespace nor a name contains a space. */
function splitKey(key: string): { readonly team: string; readonly event: string } {
  const space = key.indexOf(' ');
  return { team: key.slice(0, space), event: key.slice(space + 1) };
}
