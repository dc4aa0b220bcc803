import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { kill, processesOf, type RunProcess } from './processes.ts';

/** How often the processes are listed. Some steps take only half a second. */
const POLL_MS = 25;
/** The shortest and the longest time between two kills of long-running processes. */
const BETWEEN_KILLS_MS = [1_500, 5_000] as const;
/** The share of short-lived processes that are killed, and the longest time until then. */
const SHORT_LIVED_RATE = 0.3;
const SHORT_LIVED_MS = 1_500;
/** Kills per step that end an attempt. Agents have four attempts, other steps three. */
const MAX_IN_STEP = 2;
/** Kills per gateway. Like the kubelet, the engine waits longer before every restart. */
const MAX_OF_GATEWAY = 2;
const MAX_OF_ENGINE = 3;

export interface KillerOptions {
  /** The run's directory. */
  readonly run: string;
  readonly random: () => number;
  readonly tell: (what: string) => void;
  /** Kills the engine; another one continues the run. */
  readonly killEngine: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Kills processes of every kind in a run at random, no more often than the product promises to survive. */
export class Killer {
  readonly #options: KillerOptions;
  /** Kills that ended an attempt, by step. */
  readonly #inStep = new Map<string, number>();
  /** Kills of gateways, by node. */
  readonly #ofGateway = new Map<string, number>();
  readonly #seen = new Set<number>();
  #ofEngine = 0;

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** Number of attempts of a step that were ended by a kill. */
  killsIn(step: string): number {
    return this.#inStep.get(step) ?? 0;
  }

  get gatewayKills(): number {
    return [...this.#ofGateway.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when the signal aborts. */
  async run(): Promise<void> {
    await Promise.all([this.#killLongLived(), this.#killShortLived()]);
  }

  /** Chooses a kind of running process first, so that all kinds are equally likely. */
  async #killLongLived(): Promise<void> {
    const { run, random, killEngine, tell, signal } = this.#options;
    const [shortest, longest] = BETWEEN_KILLS_MS;
    for (;;) {
      await pause(shortest + random() * (longest - shortest), signal);
      if (signal.aborted) return;
      const processes = processesOf(run).filter((one) => this.#isAllowed(one));
      const kinds = [...new Set(processes.map(({ kind }) => kind)), 'engine'].sort();
      const kind = kinds[Math.floor(random() * kinds.length)];
      if (kind === 'engine') {
        if (this.#ofEngine === MAX_OF_ENGINE) continue;
        this.#ofEngine += 1;
        tell('killed the engine');
        await killEngine();
        continue;
      }
      const candidates = processes.filter((one) => one.kind === kind);
      const victim = candidates[Math.floor(random() * candidates.length)];
      if (victim !== undefined) this.#kill(victim);
    }
  }

  /** Short steps need their own loop: the other one would hardly ever hit them. */
  async #killShortLived(): Promise<void> {
    const { run, random, signal } = this.#options;
    const kills: Promise<void>[] = [];
    while (!signal.aborted) {
      const short = ['setup', 'checks', 'deliver', 'finish'];
      for (const one of processesOf(run)) {
        if (!short.includes(one.kind) || this.#seen.has(one.pid)) continue;
        this.#seen.add(one.pid);
        if (random() > SHORT_LIVED_RATE) continue;
        kills.push(
          pause(random() * SHORT_LIVED_MS, signal).then(() => {
            if (!signal.aborted && this.#isAllowed(one)) this.#kill(one);
          }),
        );
      }
      await pause(POLL_MS, signal);
    }
    await Promise.all(kills);
  }

  #isAllowed({ container, node }: RunProcess): boolean {
    if (container === 'gateway') return (this.#ofGateway.get(node) ?? 0) < MAX_OF_GATEWAY;
    return this.killsIn(this.#stepOf(node)) < MAX_IN_STEP;
  }

  #kill({ pid, kind, node, container }: RunProcess): void {
    const step = this.#stepOf(node);
    if (!kill(pid)) return;
    this.#options.tell(`killed ${kind} ${pid} of ${step} (${container})`);
    if (container === 'gateway') this.#ofGateway.set(node, (this.#ofGateway.get(node) ?? 0) + 1);
    else this.#inStep.set(step, this.killsIn(step) + 1);
  }

  #stepOf(node: string): string {
    const text = readFileSync(join(this.#options.run, 'workflow.json'), 'utf8');
    const { status } = JSON.parse(text) as Workflow;
    return (status?.nodes?.[node]?.displayName ?? node).replace(/\(\d+\)$/, '');
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
