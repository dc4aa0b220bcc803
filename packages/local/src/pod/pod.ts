import { mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeStatus, Template } from '@agentteam/argo';
import { MESSAGES } from '../messages.ts';
import { containersOf } from '../support/unsupported.ts';
import {
  exitFileOf,
  type Programs,
  type RunningContainer,
  readExit,
  startContainer,
} from './container.ts';
import { hostMounts, removeSecrets, type VolumeSources } from './mounts.ts';
import { killPod, terminate } from './processes.ts';

/** How long a container may take to end after SIGTERM; Kubernetes gives 30 s. */
const GRACE_MS = 20_000;

/** Exit codes of a container that was told to end: by an engine that went, not by its own doing. */
const SIGNALLED = new Set([129, 130, 137, 143]);

export interface PodOptions {
  readonly directory: string;
  /** With all `{{…}}` substituted. */
  readonly template: Template;
  readonly sources: VolumeSources;
  readonly programs: Programs;
  readonly sandboxed: (container: string) => boolean;
  readonly env: (container: string) => Readonly<Record<string, string>>;
}

export interface PodResult {
  readonly phase: 'Succeeded' | 'Failed' | 'Error';
  readonly message?: string;
  readonly outputs: NodeStatus['outputs'];
}

/** A pod of this machine: a directory, and a process group for each container. */
export class Pod {
  readonly #options: PodOptions;
  #running: readonly RunningContainer[] = [];

  constructor(options: PodOptions) {
    this.#options = options;
  }

  /**
   * Runs it to its end: until its main container has left, or a sidecar has failed before it. A main
   * container that left while no engine ran is not started again: its exit counts.
   */
  async run(): Promise<PodResult> {
    const { directory, template } = this.#options;
    mkdirSync(directory, { recursive: true });
    const left = readExit(exitFileOf(directory, 'main'));
    const earlier = left !== undefined && SIGNALLED.has(left) ? undefined : left;
    // Whatever an engine that was killed has left behind: its containers start anew.
    killPod(directory);
    try {
      if (earlier !== undefined) return this.#result('main', earlier);
      this.#running = this.#start();
      const { name, code } = await this.#firstEnd();
      await this.stop();
      return this.#result(name, code);
    } catch (error) {
      killPod(
        directory,
        this.#running.map(({ pid }) => pid),
      );
      return { phase: 'Error', message: (error as Error).message, outputs: undefined };
    } finally {
      removeSecrets(directory, template.volumes ?? []);
    }
  }

  #start(): readonly RunningContainer[] {
    const { directory, template, sources, programs, sandboxed, env } = this.#options;
    const volumes = template.volumes ?? [];
    // A pod that starts again is a new one: what its emptyDirs held is of a gateway that is gone.
    rmSync(join(directory, 'volumes'), { recursive: true, force: true });
    return containersOf(template).map(([name, container]) =>
      startContainer({
        podDirectory: directory,
        name,
        container,
        mounts: hostMounts(directory, volumes, container.volumeMounts ?? [], sources),
        programs,
        sandboxed: sandboxed(name),
        env: env(name),
      }),
    );
  }

  /** The end that decides: main's, or that of a sidecar that failed first. */
  #firstEnd(): Promise<{ readonly name: string; readonly code: number }> {
    const ends = this.#running.map(async ({ name, ended }) => {
      const code = await ended;
      // A sidecar that leaves in good order is done; the pod goes on without it.
      if (name !== 'main' && code === 0) return new Promise<never>(() => {});
      return { name, code };
    });
    return Promise.race(ends);
  }

  /** SIGTERM to each container, and an end to what is left after the grace period. */
  async stop(): Promise<void> {
    for (const { pid } of this.#running) terminate(pid);
    const all = Promise.all(this.#running.map(({ ended }) => ended));
    const grace = new AbortController();
    await Promise.race([
      all,
      delay(GRACE_MS, undefined, { signal: grace.signal, ref: false }).catch(() => {}),
    ]);
    grace.abort();
    killPod(
      this.#options.directory,
      this.#running.map(({ pid }) => pid),
    );
    await all;
  }

  #result(container: string, code: number): PodResult {
    const outputs = this.#outputs(container === 'main' ? code : undefined);
    if (code === 0) return { phase: 'Succeeded', outputs };
    return { phase: 'Failed', message: MESSAGES.exit(container, code), outputs };
  }

  #outputs(exitCode: number | undefined): NodeStatus['outputs'] {
    const { directory, template } = this.#options;
    const parameters = (template.outputs?.parameters ?? []).map((parameter) => {
      const { path = '', default: fallback = '' } = parameter.valueFrom ?? {};
      return { ...parameter, value: readOutput(directory, path) ?? fallback };
    });
    return {
      ...(parameters.length > 0 && { parameters }),
      ...(exitCode !== undefined && { exitCode: String(exitCode) }),
    };
  }
}

/** Argo takes output parameters of at most this much. */
const MAX_OUTPUT_BYTES = 256 << 10;

/**
 * An output parameter's text; undefined when there is none. Agents write these files: one that leads
 * out of the pod, or is no plain file, is not read.
 */
function readOutput(podDirectory: string, path: string): string | undefined {
  try {
    const real = realpathSync(join(podDirectory, 'main', path));
    const stat = statSync(real);
    if (!real.startsWith(`${realpathSync(podDirectory)}/`) || !stat.isFile()) return undefined;
    return stat.size > MAX_OUTPUT_BYTES ? undefined : readFileSync(real, 'utf8');
  } catch {
    return undefined;
  }
}
