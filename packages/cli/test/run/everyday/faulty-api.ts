import { setTimeout as delay } from 'node:timers/promises';
import {
  type Asked,
  type ErrorReply,
  type ModelReply,
  type Rehearsal,
  type Reply,
  type ReplySource,
  type Script,
  ScriptSource,
  startRehearsal,
} from '@agentteam/rehearsal';

/** The share of requests that fail, and the largest number of faults in a run. */
const FAULT_RATE = 0.3;
const MAX_FAULTS = 12;
/** The number of outages in a run, their longest duration, and the time between them. */
const MAX_OUTAGES = 2;
const OUTAGE_MS = 3_000;
const BETWEEN_OUTAGES_MS = 12_000;
/** The rotation of the Secret takes seconds in most runs, and a minute in one of ten. */
const ROTATION_MS = 6_000;
const LONG_ROTATION_MS = 60_000;
const LONG_ROTATION_RATE = 0.1;
/** The rotation begins after this many replies, or up to twice as many, when the credential has worked. */
const REPLIES_BEFORE_ROTATION = 6;

const LIMIT = { status: 429, type: 'rate_limit_error' };

/** The faults of a request, in the form in which the API shows them. */
const FAULTS: Readonly<Record<string, (random: () => number) => ErrorReply | Partial<ModelReply>>> =
  {
    'limit with retry-after': () => error({ ...LIMIT, headers: { 'retry-after': '2' } }),
    'limit of a subscription': () =>
      error({
        ...LIMIT,
        headers: {
          'anthropic-ratelimit-unified-status': 'rejected',
          'anthropic-ratelimit-unified-reset': String(Math.ceil(Date.now() / 1000) + 3),
        },
      }),
    'limit of a key': () =>
      error({
        ...LIMIT,
        headers: {
          'anthropic-ratelimit-requests-remaining': '0',
          'anthropic-ratelimit-requests-reset': new Date(Date.now() + 3000).toISOString(),
        },
      }),
    'limit without a time': () => error({ ...LIMIT, headers: {} }),
    overload: () => error({ status: 529, type: 'overloaded_error', headers: {} }),
    'server error': () => error({ status: 500, type: 'api_error', headers: {} }),
    'stream cut': (random) => ({ cutAfter: Math.floor(random() * 5) }),
    'slow stream': () => ({ pace: { characters: 8, everyMs: 40 } }),
    'slow start': () => ({ delayMs: 3_000 }),
    'long thinking': () => ({ thinkMs: 3_000 }),
  };

function error(fault: Pick<ErrorReply, 'status' | 'type' | 'headers'>): ErrorReply {
  return { kind: 'error', message: 'a fault of the soak test', ...fault };
}

/** A rehearsal that fails at random. The same `random` gives the same faults for the same requests. */
class FaultySource implements ReplySource {
  readonly #script: ReplySource;
  readonly #random: () => number;
  readonly #tell: (what: string) => void;
  readonly #rotatesAfter: number;
  readonly #rotationMs: number;
  #replies = 0;
  #faults = 0;
  #rotatedUntil: number | undefined;

  constructor(script: ReplySource, random: () => number, tell: (what: string) => void) {
    this.#script = script;
    this.#random = random;
    this.#tell = tell;
    this.#rotatesAfter = REPLIES_BEFORE_ROTATION * (1 + random());
    this.#rotationMs = random() < LONG_ROTATION_RATE ? LONG_ROTATION_MS : ROTATION_MS;
  }

  async reply(asked: Asked): Promise<Reply> {
    const refused = this.#refused();
    if (refused !== undefined) return refused;
    const fault = this.#nextFault(asked.agent);
    if (fault !== undefined && 'status' in fault) return fault;
    const reply = await this.#script.reply(asked);
    this.#replies += 1;
    return reply.kind === 'model' ? { ...reply, ...fault } : reply;
  }

  modelsError(): ErrorReply | undefined {
    return this.#refused();
  }

  /** During the rotation, the API refuses the credential that has worked before. */
  #refused(): ErrorReply | undefined {
    if (this.#rotatedUntil === undefined && this.#replies >= this.#rotatesAfter) {
      this.#rotatedUntil = Date.now() + this.#rotationMs;
      this.#tell(`API: 401 for ${this.#rotationMs / 1000} s`);
    }
    return Date.now() < (this.#rotatedUntil ?? 0)
      ? error({ status: 401, type: 'authentication_error', headers: {} })
      : undefined;
  }

  #nextFault(agent: string): ErrorReply | Partial<ModelReply> | undefined {
    if (this.#faults === MAX_FAULTS || this.#random() > FAULT_RATE) return undefined;
    this.#faults += 1;
    const names = Object.keys(FAULTS);
    const name = names[Math.floor(this.#random() * names.length)] ?? '';
    this.#tell(`API: ${name} for ${agent}`);
    return FAULTS[name]?.(this.#random);
  }
}

/** The API of a run: a rehearsal in this process, which survives the engines of the run. */
export class FaultyApi {
  readonly #script: Script;
  readonly #source: ReplySource;
  readonly #random: () => number;
  readonly #tell: (what: string) => void;
  readonly #ended = new AbortController();
  #rehearsal: Rehearsal;
  #outages: Promise<void> = Promise.resolve();

  private constructor(
    script: Script,
    source: ReplySource,
    rehearsal: Rehearsal,
    random: () => number,
    tell: (what: string) => void,
  ) {
    this.#script = script;
    this.#source = source;
    this.#rehearsal = rehearsal;
    this.#random = random;
    this.#tell = tell;
  }

  static async start(
    script: Script,
    random: () => number,
    tell: (what: string) => void,
  ): Promise<FaultyApi> {
    const source = new FaultySource(new ScriptSource(script), random, tell);
    const rehearsal = await startRehearsal({ script, source });
    const api = new FaultyApi(script, source, rehearsal, random, tell);
    api.#outages = api.#interruptService();
    return api;
  }

  /** For `ANTHROPIC_BASE_URL`. */
  get url(): string {
    return `${this.#rehearsal.url}/{agent}`;
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#outages;
    await this.#rehearsal.close();
  }

  /** Refuses connections for a while, several times. */
  async #interruptService(): Promise<void> {
    const { signal } = this.#ended;
    const pause = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
    for (let count = 0; count < MAX_OUTAGES; count += 1) {
      await pause(BETWEEN_OUTAGES_MS * (0.5 + this.#random()));
      if (signal.aborted) return;
      this.#tell('API: connections refused');
      const { port } = this.#rehearsal;
      await this.#rehearsal.close();
      await pause(OUTAGE_MS * this.#random());
      this.#rehearsal = await startRehearsal({ script: this.#script, source: this.#source, port });
    }
  }
}
