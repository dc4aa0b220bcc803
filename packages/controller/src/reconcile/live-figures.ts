import { isDeepStrictEqual } from 'node:util';
import { FIGURES, LEAD, parseFigures, type TeamLive } from '@agentteam/contract';
import { askFor, FiguresError, openAnswer, type ProvenFor } from '@agentteam/figures';
import { namespaceOf } from '../fair-queue.ts';
import type { KubeApi } from '../kube/api.ts';
import { AnswerTooLarge } from '../kube/kube-error.ts';
import { KeyedQueue } from '../queue.ts';
import type { FiguresKeys } from './figures-keys.ts';
import {
  decreased,
  type FiguresRefusal,
  isLess,
  malformed,
  notProven,
  tooLarge,
} from './figures-refusal.ts';

/** A pod that has just ended does not refuse connections, so a request to its address would hang. */
const REPLY_WITHIN_MS = 2_000;
/** Requests per second for all teams together. With many teams, each is polled less often. */
const MAX_RATE = 20;
/** A team whose figures do not change is polled less and less often, down to this share. */
const MAX_SLOWDOWN = 64;
/** Requests at the same time, so that a pod that hangs delays no other for long. */
const CONCURRENCY = 8;

const WHOSE = "The figures of the lead's gateway";

/** The gateway to poll for a team's figures. */
export interface PollTarget {
  readonly podName: string;
  readonly port: number;
  /** The run for which the figures must be proven. */
  readonly provenFor: ProvenFor;
  /** Names of the teammates that the figures may mention. */
  readonly teammates: readonly string[];
}

/** The last trusted figures of a team, and why newer ones are not trusted. */
export interface KnownFigures {
  readonly figures?: TeamLive;
  readonly refusal?: FiguresRefusal;
}

interface Polled {
  readonly target: PollTarget;
  /** In ms since the epoch. */
  readonly polledAt: number;
  readonly pauseMs: number;
}

const UNKNOWN: KnownFigures = {};

/**
 * Polls the figures of running teams from their leads' gateways, through the API server's pod proxy,
 * which also works from outside the cluster. The agent runs in the same pod and can answer in place of
 * the gateway, so figures are trusted only with a proof made with the namespace's key.
 *
 * Each team is polled at most every `intervalMs`, and less often while its figures do not change.
 * Namespaces share the total rate equally.
 */
export class LiveFigures {
  readonly #api: Pick<KubeApi, 'askPod'>;
  readonly #keys: Pick<FiguresKeys, 'keyOf' | 'invalidate'>;
  readonly #intervalMs: number;
  readonly #onChange: (key: string) => void;
  readonly #queue: KeyedQueue;
  readonly #polled = new Map<string, Polled>();
  /** How many teams are polled in each namespace. */
  readonly #polledIn = new Map<string, number>();
  readonly #known = new Map<string, KnownFigures>();

  /** @param onChange called when the figures of a team have changed. */
  constructor(
    api: Pick<KubeApi, 'askPod'>,
    keys: Pick<FiguresKeys, 'keyOf' | 'invalidate'>,
    intervalMs: number,
    onChange: (key: string) => void,
  ) {
    this.#api = api;
    this.#keys = keys;
    this.#intervalMs = intervalMs;
    this.#onChange = onChange;
    this.#queue = new KeyedQueue({
      concurrency: CONCURRENCY,
      work: (key) => this.#poll(key),
      onError: () => {},
    });
  }

  startPolling(key: string, target: PollTarget): void {
    const before = this.#polled.get(key);
    if (before !== undefined && isDeepStrictEqual(before.target, target)) return;
    if (before === undefined) this.#count(key, 1);
    this.#polled.set(key, { target, polledAt: -Infinity, pauseMs: this.#intervalMs });
    // Spread the first requests: a controller that starts finds all teams at once.
    this.#queue.add(key, Math.ceil(Math.random() * this.#fairPause(key)));
  }

  /** Stops polling a team and keeps its last figures. */
  stopPolling(key: string): void {
    if (!this.#polled.delete(key)) return;
    this.#count(key, -1);
    this.#queue.forget(key);
  }

  latest(key: string): KnownFigures {
    return this.#known.get(key) ?? UNKNOWN;
  }

  /** Polls a team as soon as its interval allows, because one of its steps has started or ended. */
  pollSoon(key: string): void {
    const polled = this.#polled.get(key);
    if (polled === undefined) return;
    const pause = Math.max(this.#intervalMs, this.#fairPause(key));
    this.#polled.set(key, { ...polled, pauseMs: this.#intervalMs });
    this.#queue.add(key, Math.max(1, polled.polledAt + pause - Date.now()));
  }

  forget(key: string): void {
    this.stopPolling(key);
    this.#known.delete(key);
  }

  /** Polls until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(signal);
  }

  #count(key: string, by: 1 | -1): void {
    const namespace = namespaceOf(key);
    const count = (this.#polledIn.get(namespace) ?? 0) + by;
    if (count === 0) this.#polledIn.delete(namespace);
    else this.#polledIn.set(namespace, count);
  }

  /** Shortest pause in ms between two requests for a team, if every namespace uses its full share. */
  #fairPause(key: string): number {
    const teams = this.#polledIn.get(namespaceOf(key)) ?? 0;
    return (teams * this.#polledIn.size * 1000) / MAX_RATE;
  }

  /** @returns after how many ms to poll the team again. */
  async #poll(key: string): Promise<number | undefined> {
    const asked = this.#polled.get(key);
    if (asked === undefined) return undefined;
    const polledAt = Date.now();
    const reply = await this.#request(key, asked.target);
    const polled = this.#polled.get(key);
    if (polled?.target !== asked.target) return undefined;
    const before = this.latest(key);
    const now = reply === undefined ? before : merge(before, reply);
    const isSame = isDeepStrictEqual(withoutTime(now), withoutTime(before));
    this.#known.set(key, now);
    const shortest = Math.max(this.#intervalMs, this.#fairPause(key));
    const longest = shortest * MAX_SLOWDOWN;
    const pauseMs = isSame ? Math.min(Math.max(polled.pauseMs * 2, shortest), longest) : shortest;
    this.#polled.set(key, { ...polled, polledAt, pauseMs });
    if (!isSame) this.#onChange(key);
    return pauseMs;
  }

  /** @returns undefined when the pod does not reply: it may be starting or ending. */
  async #request(
    key: string,
    { podName, port, provenFor, teammates }: PollTarget,
  ): Promise<TeamLive | FiguresRefusal | undefined> {
    const namespace = namespaceOf(key);
    try {
      const secret = await this.#keys.keyOf(namespace);
      const { nonce, headers } = askFor(secret, provenFor, LEAD);
      const reply = await this.#api.askPod({
        namespace,
        name: podName,
        port,
        path: 'status',
        headers,
        withinMs: REPLY_WITHIN_MS,
        maxBytes: FIGURES.maxBytes,
      });
      const read = parseFigures(openAnswer(secret, provenFor, LEAD, nonce, reply), teammates);
      return 'figures' in read ? withoutReports(read.figures) : malformed(WHOSE, read.problem);
    } catch (error) {
      if (error instanceof AnswerTooLarge) return tooLarge(WHOSE, error);
      if (!(error instanceof FiguresError)) return undefined;
      this.#keys.invalidate(namespace);
      return notProven(WHOSE);
    }
  }
}

function merge(before: KnownFigures, reply: TeamLive | FiguresRefusal): KnownFigures {
  if ('reason' in reply) return { ...before, refusal: reply };
  if (before.figures !== undefined && isLess(reply.usd, before.figures.usd)) {
    return { ...before, refusal: decreased(WHOSE) };
  }
  return { figures: reply };
}

function withoutTime({ figures, refusal }: KnownFigures): unknown {
  return { figures: figures && { ...figures, at: '' }, refusal };
}

/** Reports are most of a reply, and the status does not contain them. */
function withoutReports(figures: TeamLive): TeamLive {
  const agents = figures.agents.map(({ report: _report, ...agent }) => agent);
  return { ...figures, agents };
}
