import { wholeSeconds } from '@agentteam/contract';
import { type Channel, type Notification, Retryable } from '@agentteam/notify';
import { KeyedQueue } from '../queue.ts';

/** Somebody to be told that a gate, or the whole team, waits. */
export interface Call {
  /** Of the gate, or the webhook's event. */
  readonly event: string;
  readonly channel: Channel;
  readonly notification: Notification;
}

export interface NotifierOptions {
  /** Makes one call. @throws Retryable for what may pass, another error for what is final. */
  readonly deliver: (call: Call, signal: AbortSignal) => Promise<void>;
  /** A call was made: the team is worth another look. */
  readonly onSent: (team: string) => void;
  /** A call was refused for good: it is not made again. */
  readonly onRefused: (team: string, event: string, error: Error) => void;
  /** A call failed in a way that may pass. */
  readonly onRetry: (team: string, event: string, error: unknown, retryMs: number) => void;
}

/** Receivers that are called at a time: one that hangs holds up no team. */
const CONCURRENCY = 8;

/**
 * Tells receivers what a team waits for, each of them once. What has been sent is remembered in the team's
 * status; a controller that died in between sends it again with the same id, which the receiver
 * knows by.
 */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #queue: KeyedQueue;
  /** By team, and then by event. */
  readonly #wanted = new Map<string, ReadonlyMap<string, Call>>();
  /** By team, and then by event and when its gate opened. */
  readonly #sent = new Map<string, Map<string, string>>();
  /** Ids of notifications that were refused for good. */
  readonly #refused = new Set<string>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#queue = new KeyedQueue({
      concurrency: CONCURRENCY,
      work: (key, signal) => this.#call(key, signal),
      onError: (key, error, retryMs) => {
        const { team, event } = splitKey(key);
        options.onRetry(team, event, error, retryMs);
      },
    });
  }

  /** The calls that a team asks for now; those of before that are not among them are dropped. */
  want(team: string, calls: readonly Call[]): void {
    const before = this.#wanted.get(team);
    if (calls.length === 0) this.#wanted.delete(team);
    else this.#wanted.set(team, new Map(calls.map((call) => [call.event, call])));
    for (const { event, notification } of calls) {
      const known = before?.get(event)?.notification.id === notification.id;
      if (!known && !this.#refused.has(notification.id)) this.#queue.add(`${team} ${event}`);
    }
  }

  /**
   * When the receiver of a gate took the call, ISO 8601.
   * @param openedAt a gate that was stopped opens again when its team is retried.
   */
  sentAt(team: string, event: string, openedAt = ''): string | undefined {
    return this.#sent.get(team)?.get(`${event} ${openedAt}`);
  }

  forget(team: string): void {
    this.#wanted.delete(team);
    this.#sent.delete(team);
  }

  /** Calls until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  async #call(key: string, signal: AbortSignal): Promise<undefined> {
    const { team, event } = splitKey(key);
    const call = this.#wanted.get(team)?.get(event);
    if (call === undefined) return;
    try {
      await this.#options.deliver(call, signal);
    } catch (error) {
      if (error instanceof Retryable || signal.aborted) throw error;
      this.#refused.add(call.notification.id);
      this.#options.onRefused(team, event, error as Error);
      return;
    }
    const sent = this.#sent.get(team) ?? new Map<string, string>();
    const opening = `${event} ${call.notification.at}`;
    this.#sent.set(team, sent.set(opening, wholeSeconds(new Date())));
    this.#options.onSent(team);
  }
}

/** Neither a namespace nor a name has a space. */
function splitKey(key: string): { readonly team: string; readonly event: string } {
  const space = key.indexOf(' ');
  return { team: key.slice(0, space), event: key.slice(space + 1) };
}
