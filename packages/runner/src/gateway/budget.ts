import type { StopMarker } from '@agentteam/contract';
import { formatMoney, type Money, moneyText, parseMoney } from '@agentteam/ledger';
import {
  readStopMarker,
  removeStopMarker,
  watchDirectory,
  writeStopMarker,
} from '@agentteam/volume';
import type { Books } from './books.ts';
import type { GatewayConfig } from './config.ts';
import { errorReason, type Logger } from './log.ts';

type Scope = 'team' | 'agent';

export interface BudgetOptions {
  readonly config: Pick<GatewayConfig, 'team' | 'agent' | 'limits' | 'directories'>;
  readonly books: Books;
  readonly log: Logger;
  /** Called once per limit, at 80 % of it. */
  readonly onWarning: (scope: Scope, spent: Money, limit: Money) => void;
}

/** Knows whether there is money left, and stops the team or this agent when there is not. */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #over: AbortController = new AbortController();
  readonly #warned: Set<Scope> = new Set();
  #looking = false;
  #stop: StopMarker | undefined;
  #unwritten: { readonly directory: string; readonly marker: StopMarker } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Aborts when a limit is reached, here or in another agent's gateway. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get stopped(): StopMarker | undefined {
    return this.#stop;
  }

  /** Removes what an earlier run under a lower limit left behind, and looks where the team stands. */
  async begin(): Promise<void> {
    const { control, gateway } = this.#options.config.directories;
    await removeStopMarker(gateway);
    const marker = await readStopMarker(control);
    if (marker !== undefined && this.#isOutgrown(marker)) await removeStopMarker(control);
    else if (marker !== undefined) this.#hold(marker);
    this.settle();
    await this.written();
  }

  /** Follows the stop marker, and what the team spends, until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { control } = this.#options.config.directories;
    for await (const _ of watchDirectory(control, { signal })) {
      if (this.#stop !== undefined) return;
      const marker = await readStopMarker(control);
      if (marker !== undefined) this.#hold(marker);
      await this.#options.books.refreshAll();
      this.settle();
    }
  }

  /** @returns why nothing more may be asked of the API, or `undefined`. */
  async refusal(): Promise<string | undefined> {
    await this.#options.books.refresh();
    this.settle();
    return this.#stop?.message;
  }

  /** Whether an amount has room under every limit, beside what requests under way have reserved. */
  fits(amount: Money, reserved: { readonly team: Money; readonly own: Money }): boolean {
    const { limits } = this.#options.config;
    const left = limits.team === undefined ? undefined : limits.team - this.#spent('team');
    const ownLeft = limits.agent === undefined ? undefined : limits.agent - this.#spent('agent');
    return (
      (left === undefined || amount + reserved.team <= left) &&
      (ownLeft === undefined || amount + reserved.own <= ownLeft)
    );
  }

  /** Looks at what the whole team has spent by now; looks that are asked for meanwhile are one. */
  look(): void {
    this.settle();
    if (this.#looking || this.#stop !== undefined) return;
    this.#looking = true;
    this.#options.books
      .refresh()
      .then(() => this.settle())
      .catch((error: unknown) =>
        this.#options.log.error({ event: 'ledger-read-failed', reason: errorReason(error) }),
      )
      .finally(() => {
        this.#looking = false;
      });
  }

  /** The limit with the least left under it. */
  tightest(): Scope {
    const { team, agent } = this.#options.config.limits;
    if (agent === undefined) return 'team';
    if (team === undefined) return 'agent';
    return agent - this.#spent('agent') < team - this.#spent('team') ? 'agent' : 'team';
  }

  /** Compares what has been spent with the limits; to be called after everything that was counted. */
  settle(): void {
    for (const scope of ['team', 'agent'] as const) {
      const limit = this.#options.config.limits[scope];
      if (limit === undefined) continue;
      const spent = this.#spent(scope);
      if (spent >= limit) this.stop(scope);
      if (spent * 5n >= limit * 4n && !this.#warned.has(scope)) {
        this.#warned.add(scope);
        this.#options.onWarning(scope, spent, limit);
      }
    }
  }

  /** @param unmet dollars that a request would have had to reserve and could not. */
  stop(scope: Scope, unmet?: Money): void {
    const limit = this.#options.config.limits[scope];
    if (this.#stop !== undefined || limit === undefined) return;
    const { agent, directories } = this.#options.config;
    const marker: StopMarker = {
      reason: 'budget',
      agent,
      message: this.#message(scope, limit, unmet),
      at: new Date().toISOString(),
      limit: moneyText(limit),
    };
    this.#hold(marker);
    const directory = scope === 'team' ? directories.control : directories.gateway;
    this.#unwritten = { directory, marker };
    this.#writing = this.#write();
  }

  /** Resolves when the stop marker lies there; one that could not be written is tried again. */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#unwritten !== undefined) this.#writing = this.#write();
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#unwritten === undefined) return;
    const { directory, marker } = this.#unwritten;
    const { log } = this.#options;
    try {
      const first = await writeStopMarker(directory, marker);
      this.#unwritten = undefined;
      log.warn({ event: 'budget-stop', limit: marker.limit, first });
    } catch (error) {
      log.error({ event: 'stop-marker-failed', reason: errorReason(error) });
    }
  }

  #hold(marker: StopMarker): void {
    this.#stop = marker;
    this.#over.abort();
  }

  #spent(scope: Scope): Money {
    const { totals } = this.#options.books;
    return scope === 'team' ? totals.team().usd : totals.agent(this.#options.config.agent).usd;
  }

  #isOutgrown(marker: StopMarker): boolean {
    const { team } = this.#options.config.limits;
    if (team === undefined) return true;
    if (marker.limit === undefined) return this.#spent('team') < team;
    return team > parseMoney(marker.limit);
  }

  #message(scope: Scope, limit: Money, unmet: Money | undefined): string {
    const { team, agent } = this.#options.config;
    const whose = scope === 'team' ? `the team ${team}` : `the agent ${agent}`;
    const spent = `${formatMoney(this.#spent(scope))} of ${formatMoney(limit)}`;
    const why =
      unmet === undefined
        ? `The budget of ${whose} is spent: ${spent}.`
        : `The budget of ${whose} has no room for the next request: ${spent} spent, and it could cost ${formatMoney(unmet)}.`;
    const next =
      scope === 'team' ? `agentteam retry ${team} --budget <more>` : 'a higher budgetLimit for it';
    return `${why} Nothing more is asked of the API; the work so far is kept. To go on: ${next}.`;
  }
}
