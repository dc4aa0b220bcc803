import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { kill, processesOf, type RunProcess } from './processes.ts';

/** Time between two reads of the process list. Some steps last only half a second. */
const LOOK_MS = 25;
/** Time between two kills of long-running processes. */
const BETWEEN_KILLS_MS = [1_500, 5_000] as const;
/** Probability that a new process is selected, and longest delay until it is killed. */
const MARK_RATE = 0.3;
const MARKED_MS = 1_500;
/** Maximum number of kills in a step that count as a failed attempt. Agents have four attempts, other steps three. */
const MOST_IN_STEP = 2;
/** Maximum number of kills of a gateway. Like the kubelet, the engine waits longer before each restart. */
const MOST_OF_GATEWAY = 2;
const MOST_OF_ENGINE = 3;

export interface KillerOptions {
  /** The directory of the run. */
  readonly run: string;
  readonly random: () => number;
  readonly record: (what: string) => void;
  /** Kills the engine and continues the run with another one. */
  readonly killEngine: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Kills random processes of a run, within the limits that the product promises to survive. */
export class Killer {
  readonly #options: KillerOptions;
  /** Number of kills that end an attempt, by step. */
  readonly #inStep = new Map<string, number>();
  /** Number of kills of the gateway, by node. */
  readonly #ofGateway = new Map<string, number>();
  readonly #seen = new Set<number>();
  #ofEngine = 0;

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** Number of ended attempts of a step. */
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

  /** Selects first a kind of process and then a process, so that all kinds are equally likely. */
  async #killLongLived(): Promise<void> {
    const { run, random, killEngine, record, signal } = this.#options;
    const [shortest, longest] = BETWEEN_KILLS_MS;
    for (;;) {
      await pause(shortest + random() * (longest - shortest), signal);
      if (signal.aborted) return;
      const processes = processesOf(run).filter((one) => this.#isAllowed(one));
      const kinds = [...new Set(processes.map(({ kind }) => kind)), 'engine'].sort();
      const kind = kinds[Math.floor(random() * kinds.length)];
      if (kind === 'engine') {
        if (this.#ofEngine === MOST_OF_ENGINE) continue;
        this.#ofEngine += 1;
        record('killed the engine');
        await killEngine();
        continue;
      }
      const candidates = processes.filter((one) => one.kind === kind);
      const victim = candidates[Math.floor(random() * candidates.length)];
      if (victim !== undefined) this.#kill(victim);
    }
  }

  /** Also selects new processes, because steps that end within a second would rarely be hit otherwise. */
  async #killShortLived(): Promise<void> {
    const { run, random, signal } = this.#options;
    const marked: Promise<void>[] = [];
    while (!signal.aborted) {
      const short = ['setup', 'checks', 'deliver', 'finish'];
      for (const one of processesOf(run)) {
        if (!short.includes(one.kind) || this.#seen.has(one.pid)) continue;
        this.#seen.add(one.pid);
        if (random() > MARK_RATE) continue;
        marked.push(
          pause(random() * MARKED_MS, signal).then(() => {
            if (!signal.aborted && this.#isAllowed(one)) this.#kill(one);
          }),
        );
      }
      await pause(LOOK_MS, signal);
    }
    await Promise.all(marked);
  }

  #isAllowed({ container, node }: RunProcess): boolean {
    if (container === 'gateway') return (this.#ofGateway.get(node) ?? 0) < MOST_OF_GATEWAY;
    return this.killsIn(this.#stepOf(node)) < MOST_IN_STEP;
  }

  #kill({ pid, kind, node, container }: RunProcess): void {
    const step = this.#stepOf(node);
    if (!kill(pid)) return;
    this.#options.record(`killed ${kind} ${pid} of ${step} (${container})`);
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
