import { setTimeout as delay } from 'node:timers/promises';
import type { Container, UserContainer } from '@agentteam/argo';
import type { RunningContainer } from './running-container.ts';

/** The pauses of the kubelet before it restarts a container: none at first, then twice as long each time. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;
/** After a container has run for this long, the pauses start from the beginning. */
const STABLE_MS = 600_000;
/** Far shorter than Kubernetes' interval of at least a second, which would delay every start. */
const PROBE_INTERVAL_MS = 50;

/** The supported fields of a startup probe, with Kubernetes' defaults. */
export interface StartupProbe {
  readonly path: string;
  readonly port: string | number;
  /** How long the container may take before it is restarted. */
  readonly timeoutMs: number;
}

/** @returns undefined for a container without a probe, which counts as started at once. */
export function startupProbeOf({
  startupProbe,
}: Container | UserContainer): StartupProbe | undefined {
  if (startupProbe === undefined) return undefined;
  const { httpGet, periodSeconds = 10, failureThreshold = 3 } = startupProbe;
  const { path = '/', port = '' } = httpGet ?? {};
  return { path, port, timeoutMs: periodSeconds * failureThreshold * 1000 };
}

export interface SidecarOptions {
  readonly name: string;
  readonly start: () => RunningContainer;
  readonly kill: (container: RunningContainer) => Promise<void>;
  /** How long the container may take to serve. */
  readonly startupTimeoutMs: number;
  /** Called before the container is restarted. */
  readonly onRestart: (exitCode: number) => void;
  /** Absent for a container that counts as started at once. */
  readonly isServing?: () => Promise<boolean>;
}

/** A native sidecar of a pod: it is restarted whenever it ends, until it is retired. */
export class NativeSidecar {
  readonly name: string;
  /**
   * Resolves when the next container may start, or when the sidecar is retired. Rejects when it cannot
   * be started.
   */
  readonly started: Promise<void>;
  /** Resolves with the last exit code after the sidecar was retired. */
  readonly ended: Promise<number>;
  readonly #options: SidecarOptions;
  readonly #retired = new AbortController();
  #current: RunningContainer;

  constructor(options: SidecarOptions) {
    this.name = options.name;
    this.#options = options;
    this.#current = options.start();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.started = promise;
    this.#retired.signal.addEventListener('abort', () => resolve());
    this.ended = this.#keepRunning(resolve);
    this.ended.catch(reject);
  }

  /**
   * Stops restarting the sidecar.
   * @returns its container, which the caller ends.
   */
  retire(): RunningContainer {
    this.#retired.abort();
    return this.#current;
  }

  async #keepRunning(onStarted: () => void): Promise<number> {
    const { signal } = this.#retired;
    let pause = 0;
    for (;;) {
      const startedAt = Date.now();
      const over = new AbortController();
      void this.#awaitStart(AbortSignal.any([signal, over.signal]), onStarted);
      const code = await this.#current.ended;
      over.abort();
      if (signal.aborted) return code;
      // Processes that it left behind could hold its port.
      await this.#options.kill(this.#current);
      if (Date.now() - startedAt > STABLE_MS) pause = 0;
      await delay(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return code;
      pause = Math.min(LONGEST_PAUSE_MS, pause === 0 ? FIRST_PAUSE_MS : pause * 2);
      this.#options.onRestart(code);
      this.#current = this.#options.start();
    }
  }

  async #awaitStart(signal: AbortSignal, onStarted: () => void): Promise<void> {
    const { isServing, startupTimeoutMs, kill } = this.#options;
    if (isServing === undefined) return onStarted();
    const container = this.#current;
    const deadline = Date.now() + startupTimeoutMs;
    while (!signal.aborted) {
      if (await isServing()) return onStarted();
      if (Date.now() > deadline) return kill(container);
      await delay(PROBE_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }
}
