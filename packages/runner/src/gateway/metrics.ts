import type { ProviderReason } from '@agentteam/contract';
import {
  type LedgerEntry,
  type Money,
  moneyText,
  parseMoney,
  TOKEN_CLASSES,
} from '@agentteam/ledger';
import type { Registry as AnyRegistry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';

export type RefusalReason =
  | 'path'
  | 'destination'
  | 'token'
  | 'request'
  | 'budget'
  | 'ledger'
  | 'flood'
  | 'status';

/** What the agent's own figures are at the moment of a scrape. */
export interface OwnFigures {
  readonly tasks: {
    readonly pending: number;
    readonly in_progress: number;
    readonly completed: number;
  };
  readonly turns: number;
}

/** Models of an agent that have series of their own; others are counted together. */
const MOST_MODELS = 16;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:@/[\]-]{0,127}$/;
const OTHER_MODEL = 'other';
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/**
 * Prometheus metrics of one gateway. Each exports its own agent's figures only, so that a sum over a
 * team's pods is the team's.
 */
export class Metrics {
  readonly registry: AnyRegistry = new Registry();
  readonly #tokens: Counter<'model' | 'class'>;
  /** By model; a counter could only add fractions up. */
  readonly #usd: Map<string, Money> = new Map();
  readonly #models = new Set<string>();
  readonly #messages: Counter;
  readonly #errors: Counter<'model' | 'status'>;
  readonly #refused: Counter<'reason'>;
  readonly #firstToken: Histogram<'model'>;
  readonly #duration: Histogram<'model'>;
  readonly #budget: Gauge<'scope'>;

  /** @param own read at each scrape. */
  constructor(team: string, agent: string, own: () => Promise<OwnFigures>) {
    const registers = [this.registry];
    const metric = (name: string, help: string) => ({ name: `agentteam_${name}`, help, registers });
    this.registry.setDefaultLabels({ team, agent });
    this.#tokens = new Counter({
      ...metric('tokens_total', 'Tokens by class, as the API reported them.'),
      labelNames: ['model', 'class'],
    });
    const spent = this.#usd;
    new Counter({
      ...metric('usd_total', 'US dollars spent on the API.'),
      labelNames: ['model'],
      collect() {
        this.reset();
        for (const [model, usd] of spent) this.inc({ model }, Number(moneyText(usd)));
      },
    });
    this.#messages = new Counter(metric('messages_total', 'Messages sent to other agents.'));
    this.#errors = new Counter({
      ...metric('api_errors_total', 'Replies of the API with an error status; 0: no reply.'),
      labelNames: ['model', 'status'],
    });
    this.#refused = new Counter({
      ...metric('refused_requests_total', 'Requests that the gateway did not forward.'),
      labelNames: ['reason'],
    });
    this.#firstToken = new Histogram({
      ...metric('first_token_seconds', 'Time to the first byte of a reply.'),
      labelNames: ['model'],
      buckets: SECONDS,
    });
    this.#duration = new Histogram({
      ...metric('reply_seconds', 'Time to the end of a reply.'),
      labelNames: ['model'],
      buckets: SECONDS,
    });
    this.#budget = new Gauge({
      ...metric('budget_spent_ratio', 'What is spent of a limit, from 0.8 on.'),
      labelNames: ['scope'],
    });
    new Gauge({
      ...metric('tasks', "The agent's tasks."),
      labelNames: ['status'],
      async collect() {
        for (const [status, count] of Object.entries((await own()).tasks)) {
          this.set({ status }, count);
        }
      },
    });
    new Gauge({
      ...metric('turns', 'Turns of the agent.'),
      async collect() {
        this.set((await own()).turns);
      },
    });
  }

  reply(entry: LedgerEntry): void {
    const model = this.#labelOf(entry.model);
    for (const name of TOKEN_CLASSES) this.#tokens.inc({ model, class: name }, entry.tokens[name]);
    this.#usd.set(model, (this.#usd.get(model) ?? 0n) + parseMoney(entry.usd));
    this.#messages.inc(entry.messagesSent);
    if (entry.status === 0 || entry.status >= 400) {
      this.#errors.inc({ model, status: String(entry.status) });
    }
    if (entry.ttftMs !== undefined) this.#firstToken.observe({ model }, entry.ttftMs / 1000);
    if (entry.ms !== undefined) this.#duration.observe({ model }, entry.ms / 1000);
  }

  /** Models are named in requests, and so by agents: each name would be a series for good. */
  #labelOf(model: string): string {
    if (this.#models.has(model)) return model;
    if (this.#models.size >= MOST_MODELS || !MODEL.test(model)) return OTHER_MODEL;
    this.#models.add(model);
    return model;
  }

  refused(reason: RefusalReason): void {
    this.#refused.inc({ reason });
  }

  /** @param reason why the provider turns the agent away, read at each scrape. */
  waiting(reason: () => ProviderReason | undefined): void {
    new Gauge({
      name: 'agentteam_waiting_for_provider',
      help: 'Whether the agent waits because the API turns it away, and why.',
      labelNames: ['reason'],
      registers: [this.registry],
      collect() {
        this.reset();
        const now = reason();
        if (now !== undefined) this.set({ reason: now }, 1);
      },
    });
  }

  warned(scope: string, ratio: number): void {
    this.#budget.set({ scope }, ratio);
  }
}
