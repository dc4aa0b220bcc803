import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workflow } from '@agentteam/argo';
import { kill, processesOf, type RunProcess } from './processes.ts';

/** Time between two looks at what runs. A step of the runner's own may last for half a second only. */
const LOOK_MS = 25;
/** Time between two kills of what runs for long. */
const BETWEEN_KILLS_MS = [1_500, 5_000] as const;
/** A process that appears is marked at this rate, and killed after at most so long. */
const MARK_RATE = 0.3;
const MARKED_MS = 1_500;
/** Kills that count as a failed attempt, in one step. Agents have four attempts, other steps three. */
const MOST_IN_STEP = 2;
/** The kubelet, and the engine as it does, waits longer each time before it starts a gateway again. */
const MOST_OF_GATEWAY = 2;
const MOST_OF_ENGINE = 3;

export interface KillerOptions {
  /** The run's directory. */
  readonly run: string;
  readonly random: () => number;
  readonly tell: (what: string) => void;
  /** Kills the engine and has the run go on with another one. */
  readonly killEngine: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Kills processes of one run at random, of every kind, within what the product promises to survive. */
export class Killer {
  readonly #options: KillerOptions;
  /** Kills of processes whose death ends the attempt, by step. */
  readonly #inStep = new Map<string, number>();
  /** Kills of gateways, by node. */
  readonly #ofGateway = new Map<string, number>();
  readonly #seen = new Set<number>();
  #ofEngine = 0;

  constructor(options: KillerOptions) {
    this.#options = options;
  }

  /** How often an attempt of this step was ended. */
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

  /** Every kind of process that is alive is as likely as any other. */
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
        if (this.#ofEngine === MOST_OF_ENGINE) continue;
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

  /** Steps that end within a second would hardly ever be hit by chance. */
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
