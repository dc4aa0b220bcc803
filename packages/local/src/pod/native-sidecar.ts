import { setTimeout as delay } from 'node:timers/promises';
import type { Container, UserContainer } from '@agentteam/argo';
import type { RunningContainer } from './running-container.ts';

/** What the kubelet waits before it starts a container again: nothing once, then longer and longer. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;
/** A container that ran for so long begins with the shortest pause again. */
const STEADY_MS = 600_000;
/** A probe costs nothing on this machine; a second's pause would be felt at each start. */
const PROBE_MS = 50;

/** The parts of a startup probe that are executed, with Kubernetes' defaults. */
export interface StartupProbe {
  readonly path: string;
  readonly port: string | number;
  /** How long the container may take before it is started anew. */
  readonly patienceMs: number;
}

/** @returns undefined where the container counts as started at once. */
export function startupProbeOf({
  startupProbe,
}: Container | UserContainer): StartupProbe | undefined {
  if (startupProbe === undefined) return undefined;
  const { httpGet, periodSeconds = 10, failureThreshold = 3 } = startupProbe;
  const { path = '/', port = '' } = httpGet ?? {};
  return { path, port, patienceMs: periodSeconds * failureThreshold * 1000 };
}

/** An init container that the kubelet keeps running: what comes after it starts when it serves. */
export function isNativeSidecar({ restartPolicy }: Container | UserContainer): boolean {
  return restartPolicy === 'Always';
}

export interface SidecarParts {
  readonly name: string;
  readonly start: () => RunningContainer;
  readonly kill: (container: RunningContainer) => Promise<void>;
  readonly patienceMs: number;
  /** Called when it is about to be started again. */
  readonly onRestart: (exitCode: number) => void;
  /** Whether it serves by now; absent: it counts as started at once. */
  readonly serves?: () => Promise<boolean>;
}

/** A native sidecar of a pod: started again whenever it ends, until it is told to. */
export class NativeSidecar {
  readonly name: string;
  /** Resolves when what comes after it may start, and when it is to end. @throws Error where it could not be started. */
  readonly started: Promise<void>;
  /** Its last exit code, once it has ended for good. */
  readonly ended: Promise<number>;
  readonly #parts: SidecarParts;
  readonly #stop = new AbortController();
  #current: RunningContainer;

  constructor(parts: SidecarParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#current = parts.start();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.started = promise;
    this.#stop.signal.addEventListener('abort', () => resolve());
    this.ended = this.#keepRunning(resolve);
    this.ended.catch(reject);
  }

  /** Has it not started again; it is told to end by its process. */
  retire(): RunningContainer {
    this.#stop.abort();
    return this.#current;
  }

  async #keepRunning(onStarted: () => void): Promise<number> {
    const { signal } = this.#stop;
    let pause = 0;
    for (;;) {
      const begun = Date.now();
      const over = new AbortController();
      void this.#awaitStart(AbortSignal.any([signal, over.signal]), onStarted);
      const code = await this.#current.ended;
      over.abort();
      if (signal.aborted) return code;
      // What the one that ended has left behind would stand in the way of the next.
      await this.#parts.kill(this.#current);
      if (Date.now() - begun > STEADY_MS) pause = 0;
      await delay(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return code;
      pause = Math.min(LONGEST_PAUSE_MS, pause === 0 ? FIRST_PAUSE_MS : pause * 2);
      this.#parts.onRestart(code);
      this.#current = this.#parts.start();
    }
  }

  async #awaitStart(signal: AbortSignal, onStarted: () => void): Promise<void> {
    const { serves, patienceMs, kill } = this.#parts;
    if (serves === undefined) return onStarted();
    const container = this.#current;
    const until = Date.now() + patienceMs;
    while (!signal.aborted) {
      if (await serves()) return onStarted();
      if (Date.now() > until) return kill(container);
      await delay(PROBE_MS, undefined, { signal }).catch(() => {});
    }
  }
}
