import { isDeepStrictEqual } from 'node:util';
import type { TeamLive } from '@agentteam/contract';
import type { KubeApi } from '../kube/api.ts';
import { splitKey } from '../kube/objects.ts';
import { KeyedQueue } from '../queue.ts';

/** A pod that has just ended has an address at which nobody refuses: its team must not wait for it, nor others behind it. */
const ANSWER_WITHIN_MS = 2_000;
/** Requests a second for all teams together: with many of them each is asked less often. */
const MAX_RATE = 20;
/** A team whose figures stand still is asked more and more seldom, to every 64th time. */
const MAX_SLOWDOWN = 64;

/** Pods that are asked at a time: one that hangs holds up no other for long, and no reconcile at all. */
const CONCURRENCY = 8;

/**
 * Running teams' figures, asked of their leads' gateways through the API server's pod proxy: that
 * works from outside the cluster as well, and the pods need no credential for it.
 *
 * Each team is asked at most every `everyMs`, and more and more seldom while its figures stay the
 * same: a team that waits for a person costs next to nothing.
 */
export class LiveFigures {
  readonly #api: Pick<KubeApi, 'askPod'>;
  readonly #everyMs: number;
  readonly #onNews: (key: string) => void;
  readonly #queue: KeyedQueue;
  /** Teams whose leads are asked. */
  readonly #followed = new Map<string, Followed>();
  readonly #heard = new Map<string, TeamLive>();

  /** @param onNews told when a team's figures are others than before. */
  constructor(api: Pick<KubeApi, 'askPod'>, everyMs: number, onNews: (key: string) => void) {
    this.#api = api;
    this.#everyMs = everyMs;
    this.#onNews = onNews;
    this.#queue = new KeyedQueue({
      concurrency: CONCURRENCY,
      work: (key) => this.#poll(key),
      onError: () => {},
    });
  }

  /** Has a team's lead asked from now on. */
  follow(key: string, podName: string): void {
    if (this.#followed.get(key)?.podName === podName) return;
    this.#followed.set(key, { podName, askedAt: -Infinity, pause: this.#everyMs });
    // A controller that starts finds all teams at once.
    this.#queue.add(key, Math.ceil(Math.random() * this.#fairPause));
  }

  /** Has it asked no more: its pods are gone, and what was last heard of it stands. */
  rest(key: string): void {
    if (this.#followed.delete(key)) this.#queue.forget(key);
  }

  /** What was last heard of a team. */
  last(key: string): TeamLive | undefined {
    return this.#heard.get(key);
  }

  /** A step began or ended: its figures are worth asking for soon. */
  stir(key: string): void {
    const followed = this.#followed.get(key);
    if (followed === undefined) return;
    const pause = Math.max(this.#everyMs, this.#fairPause);
    this.#followed.set(key, { ...followed, pause: this.#everyMs });
    this.#queue.add(key, Math.max(1, followed.askedAt + pause - Date.now()));
  }

  forget(key: string): void {
    this.rest(key);
    this.#heard.delete(key);
  }

  /** Asks until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  /** How often each team may be asked where all are asked as often as is allowed, in ms. */
  get #fairPause(): number {
    return (this.#followed.size * 1000) / MAX_RATE;
  }

  /** @returns after how many ms to ask again. */
  async #poll(key: string): Promise<number | undefined> {
    const asked = this.#followed.get(key);
    if (asked === undefined) return undefined;
    const askedAt = Date.now();
    const answer = await this.#ask(splitKey(key).namespace, asked.podName);
    const followed = this.#followed.get(key);
    if (followed?.podName !== asked.podName) return undefined;
    const before = this.#heard.get(key);
    const same = answer === undefined || isDeepStrictEqual(figures(answer), figures(before));
    if (answer !== undefined) this.#heard.set(key, answer);
    const shortest = Math.max(this.#everyMs, this.#fairPause);
    const longest = shortest * MAX_SLOWDOWN;
    const pause = same ? Math.min(Math.max(followed.pause * 2, shortest), longest) : shortest;
    this.#followed.set(key, { ...followed, askedAt, pause });
    if (!same) this.#onNews(key);
    return pause;
  }

  /** A pod that is starting or ending does not answer: that is no error, there is just no news. */
  async #ask(namespace: string, podName: string): Promise<TeamLive | undefined> {
    try {
      // Without a port it is the one that the pod declares, and that is the gateway's for figures.
      const live = await this.#api.askPod(namespace, podName, 'status', ANSWER_WITHIN_MS);
      return isLive(live) ? live : undefined;
    } catch {
      return undefined;
    }
  }
}

interface Followed {
  readonly podName: string;
  /** In ms since the epoch. */
  readonly askedAt: number;
  readonly pause: number;
}

/** Everything but the time of day. */
function figures(live: TeamLive | undefined): unknown {
  return live && { ...live, at: '' };
}

/** The answer comes out of a team's pod: believed as far as its shape goes, and no further. */
function isLive(value: unknown): value is TeamLive {
  const live = value as Partial<TeamLive> | null;
  return (
    typeof live === 'object' &&
    live !== null &&
    typeof live.team === 'string' &&
    typeof live.usd === 'string' &&
    /^\d+(\.\d+)?$/.test(live.usd) &&
    typeof live.tokens === 'object' &&
    typeof live.tasks === 'object' &&
    Array.isArray(live.agents)
  );
}
