import {
  formatMoney,
  type Money,
  moneyText,
  parseMoney,
  type StopMarker,
  shownName,
} from '@agentteam/contract';
import {
  readStopMarker,
  removeStopMarker,
  watchDirectory,
  writeStopMarker,
} from '@agentteam/volume';
import type { GatewayConfig } from '../config.ts';
import { errorReason, type Logger } from '../log.ts';
import type { TeamLedger } from './team-ledger.ts';

type Scope = 'team' | 'agent';

export interface BudgetOptions {
  readonly config: Pick<GatewayConfig, 'team' | 'agent' | 'limits' | 'directories'>;
  readonly ledger: TeamLedger;
  readonly log: Logger;
  /** Called once for each limit, when 80 % of it is spent. */
  readonly onWarning: (scope: Scope, spent: Money, limit: Money) => void;
}

/** Compares the spending with the limits, and stops the team or this agent when one is reached. */
export class Budget {
  readonly #options: BudgetOptions;
  readonly #reached: AbortController = new AbortController();
  readonly #warned: Set<Scope> = new Set();
  #checking = false;
  #stop: StopMarker | undefined;
  #unwritten: { readonly directory: string; readonly marker: StopMarker } | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** Aborts when a limit is reached, here or in another agent's gateway. */
  get limitReached(): AbortSignal {
    return this.#reached.signal;
  }

  get stopped(): StopMarker | undefined {
    return this.#stop;
  }

  /** Removes the stop marker of an earlier attempt with a lower limit, and checks the limits. */
  async begin(): Promise<void> {
    const { control, gateway } = this.#options.config.directories;
    await removeStopMarker(gateway);
    const marker = await readStopMarker(control);
    if (marker !== undefined && this.#isOutdated(marker)) await removeStopMarker(control);
    else if (marker !== undefined) this.#setStopped(marker);
    this.settle();
    await this.written();
  }

  /** Watches the stop marker and the team's spending until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { control } = this.#options.config.directories;
    for await (const _ of watchDirectory(control, { signal })) {
      if (this.#stop !== undefined) return;
      const marker = await readStopMarker(control);
      if (marker !== undefined) this.#setStopped(marker);
      await this.#options.ledger.refreshAll();
      this.settle();
    }
  }

  /** @returns why no more requests may be sent; `undefined` when they may. */
  async refusal(): Promise<string | undefined> {
    await this.#options.ledger.refresh();
    this.settle();
    return this.#stop?.message;
  }

  /** Whether an amount fits under every limit, in addition to the reservations of open requests. */
  fits(amount: Money, reserved: { readonly team: Money; readonly own: Money }): boolean {
    const { limits } = this.#options.config;
    const left = limits.team === undefined ? undefined : limits.team - this.#spent('team');
    const ownLeft = limits.agent === undefined ? undefined : limits.agent - this.#spent('agent');
    return (
      (left === undefined || amount + reserved.team <= left) &&
      (ownLeft === undefined || amount + reserved.own <= ownLeft)
    );
  }

  /** Starts a check of the whole team's spending, unless one is running. */
  check(): void {
    this.settle();
    if (this.#checking || this.#stop !== undefined) return;
    this.#checking = true;
    this.#options.ledger
      .refresh()
      .then(() => this.settle())
      .catch((error: unknown) =>
        this.#options.log.error({ event: 'ledger-read-failed', reason: errorReason(error) }),
      )
      .finally(() => {
        this.#checking = false;
      });
  }

  /** The limit with the least money left. */
  tightest(): Scope {
    const { team, agent } = this.#options.config.limits;
    if (agent === undefined) return 'team';
    if (team === undefined) return 'agent';
    return agent - this.#spent('agent') < team - this.#spent('team') ? 'agent' : 'team';
  }

  /** Compares the known spending with the limits. Call this after each change of the ledger. */
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

  /** @param unmet the amount that a request needed to reserve, if that is the reason for the stop. */
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
    this.#setStopped(marker);
    const directory = scope === 'team' ? directories.control : directories.gateway;
    this.#unwritten = { directory, marker };
    this.#writing = this.#write();
  }

  /** Resolves when the stop marker is written. A failed write is repeated. */
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

  #setStopped(marker: StopMarker): void {
    this.#stop = marker;
    this.#reached.abort();
  }

  #spent(scope: Scope): Money {
    const { totals } = this.#options.ledger;
    return scope === 'team' ? totals.team().usd : totals.agent(this.#options.config.agent).usd;
  }

  /** Whether the limit was raised since the marker was written. */
  #isOutdated(marker: StopMarker): boolean {
    const { team } = this.#options.config.limits;
    if (team === undefined) return true;
    if (marker.limit === undefined) return this.#spent('team') < team;
    return team > parseMoney(marker.limit);
  }

  #message(scope: Scope, limit: Money, unmet: Money | undefined): string {
    const { team, agent } = this.#options.config;
    const whose = scope === 'team' ? `the team ${team}` : `the agent ${shownName(agent)}`;
    const spent = `${formatMoney(this.#spent(scope))} of ${formatMoney(limit)}`;
    const reason =
      unmet === undefined
        ? `The budget of ${whose} is spent: ${spent}.`
        : `The budget of ${whose} is too small for the next request, which could cost ${formatMoney(unmet)}: ${spent} is spent.`;
    const next =
      scope === 'team'
        ? 'To continue, run agentteam retry with a higher --budget.'
        : `To continue, raise the budgetLimit of ${shownName(agent)} in the team file and run agentteam retry -f with it.`;
    return `${reason} No more requests are sent; the work so far is kept. ${next}`;
  }
}
