import { isDeepStrictEqual } from 'node:util';
import { FIGURES, LEAD, parseFigures, type TeamLive } from '@agentteam/contract';
import { askFor, FiguresError, openAnswer, type ProvenFor } from '@agentteam/figures';
import type { KubeApi } from '../kube/api.ts';
import { AnswerTooLarge } from '../kube/kube-error.ts';
import { KeyedQueue } from '../queue.ts';
import { namespaceOf } from '../turns.ts';
import { type Distrust, isLess, malformed, notProven, tooLarge, wentDown } from './distrust.ts';
import type { FiguresKeys } from './figures-keys.ts';

/** A pod that has just ended has an address at which nobody refuses: its team must not wait for it, nor others behind it. */
const ANSWER_WITHIN_MS = 2_000;
/** Requests a second for all teams together: with many of them each is asked less often. */
const MAX_RATE = 20;
/** A team whose figures stand still is asked more and more seldom, to every 64th time. */
const MAX_SLOWDOWN = 64;

/** Pods that are asked at a time: one that hangs holds up no other for long, and no reconcile at all. */
const CONCURRENCY = 8;

const WHOSE = "The figures of the lead's gateway";

/** Whom to ask for a team's figures. */
export interface FollowedLead {
  readonly podName: string;
  readonly port: number;
  readonly of: ProvenFor;
  readonly teammates: readonly string[];
}

/** What is known of a team's figures: the last that were believed, and why newer ones were not. */
export interface Heard {
  readonly figures?: TeamLive;
  readonly distrust?: Distrust;
}

/**
 * Running teams' figures, asked of their leads' gateways through the API server's pod proxy: that
 * works from outside the cluster as well. The pod is an agent's too, and anything may answer: what is
 * not proven with the namespace's key is not believed.
 *
 * Each team is asked at most every `everyMs`, and more and more seldom while its figures stay the
 * same: a team that waits for a person costs next to nothing. Namespaces share the rate alike.
 */
export class LiveFigures {
  readonly #api: Pick<KubeApi, 'askPod'>;
  readonly #keys: Pick<FiguresKeys, 'keyOf' | 'doubt'>;
  readonly #everyMs: number;
  readonly #onNews: (key: string) => void;
  readonly #queue: KeyedQueue;
  /** Teams whose leads are asked. */
  readonly #followed = new Map<string, Followed>();
  readonly #followedIn = new Map<string, number>();
  readonly #heard = new Map<string, Heard>();

  /** @param onNews told when a team's figures are others than before. */
  constructor(
    api: Pick<KubeApi, 'askPod'>,
    keys: Pick<FiguresKeys, 'keyOf' | 'doubt'>,
    everyMs: number,
    onNews: (key: string) => void,
  ) {
    this.#api = api;
    this.#keys = keys;
    this.#everyMs = everyMs;
    this.#onNews = onNews;
    this.#queue = new KeyedQueue({
      concurrency: CONCURRENCY,
      work: (key) => this.#poll(key),
      onError: () => {},
    });
  }

  /** Has a team's lead asked from now on. */
  follow(key: string, lead: FollowedLead): void {
    const before = this.#followed.get(key);
    if (before !== undefined && isDeepStrictEqual(before.lead, lead)) return;
    if (before === undefined) this.#count(key, 1);
    this.#followed.set(key, { lead, askedAt: -Infinity, pause: this.#everyMs });
    // A controller that starts finds all teams at once.
    this.#queue.add(key, Math.ceil(Math.random() * this.#fairPause(key)));
  }

  /** Has it asked no more: its pods are gone, and what was last heard of it stands. */
  rest(key: string): void {
    if (!this.#followed.delete(key)) return;
    this.#count(key, -1);
    this.#queue.forget(key);
  }

  /** What was last heard of a team. */
  last(key: string): Heard {
    return this.#heard.get(key) ?? NOTHING;
  }

  /** A step began or ended: its figures are worth asking for soon. */
  stir(key: string): void {
    const followed = this.#followed.get(key);
    if (followed === undefined) return;
    const pause = Math.max(this.#everyMs, this.#fairPause(key));
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

  #count(key: string, by: 1 | -1): void {
    const namespace = namespaceOf(key);
    const count = (this.#followedIn.get(namespace) ?? 0) + by;
    if (count === 0) this.#followedIn.delete(namespace);
    else this.#followedIn.set(namespace, count);
  }

  /** How often each team of a namespace may be asked where all are asked as often as is allowed, in ms. */
  #fairPause(key: string): number {
    const teams = this.#followedIn.get(namespaceOf(key)) ?? 0;
    return (teams * this.#followedIn.size * 1000) / MAX_RATE;
  }

  /** @returns after how many ms to ask again. */
  async #poll(key: string): Promise<number | undefined> {
    const asked = this.#followed.get(key);
    if (asked === undefined) return undefined;
    const askedAt = Date.now();
    const answer = await this.#ask(key, asked.lead);
    const followed = this.#followed.get(key);
    if (followed?.lead !== asked.lead) return undefined;
    const before = this.last(key);
    const now = answer === undefined ? before : combined(before, answer);
    const same = isDeepStrictEqual(timeless(now), timeless(before));
    this.#heard.set(key, now);
    const shortest = Math.max(this.#everyMs, this.#fairPause(key));
    const longest = shortest * MAX_SLOWDOWN;
    const pause = same ? Math.min(Math.max(followed.pause * 2, shortest), longest) : shortest;
    this.#followed.set(key, { ...followed, askedAt, pause });
    if (!same) this.#onNews(key);
    return pause;
  }

  /** A pod that is starting or ending does not answer: that is no error, there is just no news. */
  async #ask(key: string, lead: FollowedLead): Promise<TeamLive | Distrust | undefined> {
    const namespace = namespaceOf(key);
    try {
      const secret = await this.#keys.keyOf(namespace);
      const { nonce, headers } = askFor(secret, lead.of, LEAD);
      const answer = await this.#api.askPod({
        namespace,
        name: lead.podName,
        port: lead.port,
        path: 'status',
        headers,
        withinMs: ANSWER_WITHIN_MS,
        maxBytes: FIGURES.maxBytes,
      });
      const read = parseFigures(openAnswer(secret, lead.of, LEAD, nonce, answer), lead.teammates);
      return 'figures' in read ? withoutReports(read.figures) : malformed(WHOSE, read.problem);
    } catch (error) {
      if (error instanceof AnswerTooLarge) return tooLarge(WHOSE, error);
      if (!(error instanceof FiguresError)) return undefined;
      this.#keys.doubt(namespace);
      return notProven(WHOSE);
    }
  }
}

const NOTHING: Heard = {};

interface Followed {
  readonly lead: FollowedLead;
  /** In ms since the epoch. */
  readonly askedAt: number;
  readonly pause: number;
}

function combined(before: Heard, answer: TeamLive | Distrust): Heard {
  if ('reason' in answer) return { ...before, distrust: answer };
  if (before.figures !== undefined && isLess(answer.usd, before.figures.usd)) {
    return { ...before, distrust: wentDown(WHOSE) };
  }
  return { figures: answer };
}

/** Everything but the time of day. */
function timeless({ figures, distrust }: Heard): unknown {
  return { figures: figures && { ...figures, at: '' }, distrust };
}

/** They are most of an answer, and nothing that the controller shows is made of them. */
function withoutReports(figures: TeamLive): TeamLive {
  const agents = figures.agents.map(({ report: _report, ...agent }) => agent);
  return { ...figures, agents };
}
