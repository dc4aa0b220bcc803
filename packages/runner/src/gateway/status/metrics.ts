import { type Money, moneyText, type ProviderReason, parseMoney } from '@agentteam/contract';
import { type LedgerEntry, TOKEN_CLASSES } from '@agentteam/ledger';
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
  | 'service'
  | 'status';

/** The agent's own figures at the time of a scrape. */
export interface OwnFigures {
  readonly tasks: {
    readonly pending: number;
    readonly in_progress: number;
    readonly completed: number;
  };
  readonly turns: number;
}

/** Number of models with a series of their own. Further models share the series `other`. */
const MAX_MODELS = 16;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:@/[\]-]{0,127}$/;
const OTHER_MODEL = 'other';
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/**
 * Prometheus metrics of one gateway. They cover its own agent only, so that the sum over a team's pods
 * covers the team.
 */
export class Metrics {
  readonly registry: AnyRegistry = new Registry();
  readonly #tokens: Counter<'model' | 'class'>;
  /** Exact amounts by model. A counter would add up rounded fractions. */
  readonly #usd: Map<string, Money> = new Map();
  readonly #models = new Set<string>();
  readonly #messages: Counter;
  readonly #errors: Counter<'model' | 'status'>;
  readonly #refused: Counter<'reason'>;
  readonly #services: Counter<'service' | 'status'>;
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
      ...metric('api_errors_total', 'Error replies of the API by status; 0 if there was no reply.'),
      labelNames: ['model', 'status'],
    });
    this.#refused = new Counter({
      ...metric('refused_requests_total', 'Requests that the gateway did not forward.'),
      labelNames: ['reason'],
    });
    this.#services = new Counter({
      ...metric(
        'service_requests_total',
        'Requests to services by status; 0 if there was no answer.',
      ),
      labelNames: ['service', 'status'],
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
      ...metric('budget_spent_ratio', 'Spent part of a budget limit, reported from 0.8 on.'),
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

  /** Agents choose the model names in requests, so the number of series must be limited. */
  #labelOf(model: string): string {
    if (this.#models.has(model)) return model;
    if (this.#models.size >= MAX_MODELS || !MODEL.test(model)) return OTHER_MODEL;
    this.#models.add(model);
    return model;
  }

  refused(reason: RefusalReason): void {
    this.#refused.inc({ reason });
  }

  service(service: string, status: number): void {
    this.#services.inc({ service, status: String(status) });
  }

  /** @param reason returns why the agent waits for the provider. It is called at each scrape. */
  waiting(reason: () => ProviderReason | undefined): void {
    new Gauge({
      name: 'agentteam_waiting_for_provider',
      help: 'Whether the agent waits because the API refuses its requests, and why.',
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
