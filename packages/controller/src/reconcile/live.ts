import type { TeamLive } from '@agentteam/contract';
import { PORTS } from '@agentteam/contract';
import { CoreV1Api } from '@kubernetes/client-node';
import type { ClientOf } from '../kube/client.ts';

/** Requests a second for all teams together: with many of them each is asked less often. */
const MAX_RATE = 20;
/** A team whose figures stand still is asked more and more seldom, to every 64th time. */
const MAX_SLOWDOWN = 64;

/**
 * A running team's figures, asked of its lead's gateway through the API server's pod proxy: that
 * works from outside the cluster as well, and the pods need no credential for it.
 *
 * Each team is asked at most every `everyMs`, and more and more seldom while its figures stay the
 * same: a team that waits for a person costs next to nothing.
 */
export class LiveFigures {
  readonly #core: CoreV1Api;
  readonly #everyMs: number;
  readonly #teams = new Map<string, Known>();

  constructor(clientOf: ClientOf, everyMs: number) {
    this.#core = clientOf(CoreV1Api);
    this.#everyMs = everyMs;
  }

  /** The latest figures, and after how many ms to ask again. */
  async of(
    key: string,
    namespace: string,
    podName: string,
    now: number,
  ): Promise<{ readonly live: TeamLive | undefined; readonly againMs: number }> {
    const known = this.#teams.get(key) ?? {
      live: undefined,
      askedAt: -Infinity,
      pause: this.#everyMs,
    };
    const due = known.askedAt + known.pause;
    if (now < due) return { live: known.live, againMs: due - now };
    const live = (await this.#ask(namespace, podName)) ?? known.live;
    const same = JSON.stringify(figures(live)) === JSON.stringify(figures(known.live));
    const shortest = Math.max(this.#everyMs, (this.#teams.size * 1000) / MAX_RATE);
    const pause = same ? Math.min(known.pause * 2, shortest * MAX_SLOWDOWN) : shortest;
    this.#teams.set(key, { live, askedAt: now, pause });
    return { live, againMs: pause };
  }

  /** What was last heard of a team whose pods are gone. */
  last(key: string): TeamLive | undefined {
    return this.#teams.get(key)?.live;
  }

  /** A step began or ended: its figures are worth asking for at once. */
  stir(key: string): void {
    const known = this.#teams.get(key);
    if (known !== undefined) this.#teams.set(key, { ...known, pause: this.#everyMs });
  }

  forget(key: string): void {
    this.#teams.delete(key);
  }

  /** A pod that is starting or ending does not answer: that is no error, there is just no news. */
  async #ask(namespace: string, podName: string): Promise<TeamLive | undefined> {
    try {
      const answer: unknown = await this.#core.connectGetNamespacedPodProxyWithPath({
        namespace,
        name: `${podName}:${PORTS.status}`,
        path: 'status',
      });
      const live = typeof answer === 'string' ? (JSON.parse(answer) as unknown) : answer;
      return isLive(live) ? live : undefined;
    } catch {
      return undefined;
    }
  }
}

interface Known {
  readonly live: TeamLive | undefined;
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
