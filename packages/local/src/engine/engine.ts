import { mkdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { NodeStatus, Workflow } from '@agentteam/argo';
import { DECISIONS } from '@agentteam/contract';
import { pendingCommands } from '../commands.ts';
import type { RunEvent } from '../events.ts';
import { MESSAGES } from '../messages.ts';
import { isFinal, timestamp } from '../nodes.ts';
import { type Programs, progressFileOf } from '../pod/container.ts';
import type { ConfigMapSource, VolumeSources } from '../pod/mounts.ts';
import { Pod } from '../pod/pod.ts';
import { loadWorkflow, type RunDirectory, runDirectory } from '../run-directory.ts';
import { substituteAll } from '../substitute.ts';
import { advanceDag } from './dag.ts';
import { judgeRetry } from './retry-policy.ts';
import { templateScope } from './scope.ts';
import { RunState } from './state.ts';

export interface ExecuteOptions {
  /** Ends the pods and leaves the run as it stands; another `execute` goes on from there. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  readonly programs: Programs;
  /** Existing claims by name, as directories. */
  readonly claims: Readonly<Record<string, string>>;
  readonly configMaps: Readonly<Record<string, ConfigMapSource>>;
  /** Never written into the run's state; into a pod's directory while the pod runs. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Which containers run in a sandbox, if any. */
  readonly sandboxed: (template: string, container: string) => boolean;
  /** What a container is told that the Workflow cannot know: ports and programs of this machine. */
  readonly env: (template: string, container: string) => Readonly<Record<string, string>>;
}

const POLL_MS = 250;

/** Runs a run to its end, or until the signal aborts. Resolves with the Workflow as it then is. */
export function execute(root: string, options: ExecuteOptions): Promise<Workflow> {
  const directory = runDirectory(root);
  const workflow = loadWorkflow(directory);
  return new Engine(directory, workflow, options).run();
}

class Engine {
  readonly #directory: RunDirectory;
  readonly #options: ExecuteOptions;
  readonly #state: RunState;
  readonly #pods = new Map<string, Pod>();
  readonly #ending = new Set<Promise<void>>();
  #wake: () => void = () => {};

  constructor(directory: RunDirectory, workflow: Workflow, options: ExecuteOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#state = new RunState(directory, workflow, options.onEvent ?? (() => {}));
  }

  async run(): Promise<Workflow> {
    const { signal } = this.#options;
    const state = this.#state;
    if (state.workflow.status?.phase === undefined) {
      state.setStatus({ phase: 'Running', startedAt: timestamp(), nodes: {} });
    }
    mkdirSync(this.#directory.commands, { recursive: true });
    const watcher = watch(this.#directory.commands, () => this.#wake());
    const poll = setInterval(() => {
      this.#readProgress();
      this.#wake();
    }, POLL_MS);
    const wakeUp = () => this.#wake();
    signal.addEventListener('abort', wakeUp);
    try {
      while (!signal.aborted && state.workflow.status?.finishedAt === undefined) {
        const next = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#obey();
        await this.#checkDeadline();
        if (!this.#advance()) await next;
      }
      await Promise.all([...this.#pods.values()].map((pod) => pod.stop()));
      await Promise.all(this.#ending);
      return state.workflow;
    } finally {
      signal.removeEventListener('abort', wakeUp);
      clearInterval(poll);
      watcher.close();
    }
  }

  /** Takes one step forward where one can be taken; false: there is nothing to do but wait. */
  #advance(): boolean {
    const state = this.#state;
    const { name } = state;
    const { entrypoint = '', onExit } = state.workflow.spec;
    const root = state.node(name);
    if (!isFinal(root)) {
      const changed = advanceDag(state, name, entrypoint, {
        start: (node) => this.#startPod(node),
        resume: (node) => this.#resume(node),
      });
      return changed || isFinal(state.node(name));
    }
    const exitName = `${name}.onExit`;
    const exit = state.node(exitName);
    const wanted = onExit !== undefined && state.workflow.spec.shutdown !== 'Terminate';
    if (wanted && exit === undefined) {
      // Argo tells the exit handler how the workflow ended before the workflow itself has.
      state.setStatus({ phase: this.#verdict(root).phase });
      this.#startStep(exitName, exitName, onExit);
      return true;
    }
    if (wanted && !isFinal(exit)) {
      if (exit !== undefined) this.#resume(exit);
      return false;
    }
    const verdict = this.#verdict(root);
    const failed = exit !== undefined && exit.phase !== 'Succeeded';
    state.setStatus({
      ...(failed ? { phase: exit.phase as 'Failed', message: exit.message ?? '' } : verdict),
      finishedAt: timestamp(),
    });
    return true;
  }

  #verdict(root: NodeStatus | undefined): {
    readonly phase: 'Succeeded' | 'Failed';
    readonly message?: string;
  } {
    const { shutdown } = this.#state.workflow.spec;
    if (shutdown) return { phase: 'Failed', message: MESSAGES.stopped(shutdown) };
    return { phase: root?.phase === 'Succeeded' ? 'Succeeded' : 'Failed' };
  }

  #startStep(nodeName: string, displayName: string, template: string): void {
    const retried = this.#state.template(template).retryStrategy !== undefined;
    const node = this.#state.addNode(nodeName, {
      displayName,
      type: retried ? 'Retry' : 'Pod',
      phase: 'Running',
      templateName: template,
    });
    this.#startPod(node);
  }

  /** Starts a node's pod: for a retried step that of its next attempt. */
  #startPod(node: NodeStatus): void {
    if (node.type !== 'Retry') {
      this.#runPod(node, 0);
      return;
    }
    const attempt = node.children?.length ?? 0;
    const { displayName, templateName = '', boundaryID, inputs } = node;
    const child = this.#state.addNode(
      `${node.name}(${attempt})`,
      {
        displayName: `${displayName}(${attempt})`,
        type: 'Pod',
        phase: 'Running',
        templateName,
        ...(boundaryID !== undefined && { boundaryID }),
        ...(inputs !== undefined && { inputs }),
      },
      node.name,
    );
    this.#runPod(child, attempt);
  }

  /** Goes on with a step that an engine before this one had begun; one that is under way is left alone. */
  #resume(node: NodeStatus): void {
    const children = (node.children ?? []).map((id) => this.#state.nodes[id]);
    const last = node.type === 'Retry' ? children.at(-1) : node;
    if (last === undefined) this.#startPod(node);
    else if (isFinal(last)) this.#attemptEnded(node, last, children.length);
    else if (!this.#pods.has(last.id)) this.#runPod(last, Math.max(children.length - 1, 0));
  }

  #runPod(node: NodeStatus, attempt: number): void {
    const state = this.#state;
    const { templateName = '' } = node;
    const template = state.template(templateName);
    const values = templateScope(state, template, node.inputs, attempt);
    const pod = new Pod({
      directory: join(this.#directory.pods, node.id),
      template: substituteAll(template, values),
      sources: this.#sources(),
      programs: this.#options.programs,
      sandboxed: (container) => this.#options.sandboxed(templateName, container),
      env: (container) => this.#options.env(templateName, container),
    });
    this.#pods.set(node.id, pod);
    const step = stepOf(node);
    state.emit({ type: 'step-started', step, attempt });
    const ending = pod.run().then(({ phase, message, outputs }) => {
      this.#pods.delete(node.id);
      this.#ending.delete(ending);
      this.#wake();
      // A deadline or a stop has ended the step already.
      if (isFinal(state.node(node.name))) return;
      // Stopped along with the engine: a pause, and not an end.
      if (this.#options.signal.aborted && phase !== 'Succeeded') return;
      state.setNode(node.name, { phase, ...(message && { message }), ...(outputs && { outputs }) });
      this.#podEnded(node.name, attempt);
    });
    this.#ending.add(ending);
  }

  #podEnded(nodeName: string, attempt: number): void {
    const state = this.#state;
    const ended = state.node(nodeName);
    const parent = nodeName.endsWith(`(${attempt})`)
      ? state.node(nodeName.slice(0, -`(${attempt})`.length))
      : undefined;
    if (ended === undefined) return;
    if (parent?.type === 'Retry') this.#attemptEnded(parent, ended, attempt + 1);
    else this.#stepEnded(ended);
  }

  /** What a retried step makes of an attempt's end: its own end, or another attempt. */
  #attemptEnded(step: NodeStatus, attempt: NodeStatus, attempts: number): void {
    const state = this.#state;
    if (isFinal(step)) return;
    const strategy = state.template(step.templateName ?? '').retryStrategy ?? {};
    const { outputs, phase = 'Error' } = attempt;
    const shutdown = state.workflow.spec.shutdown !== undefined;
    const verdict =
      phase === 'Succeeded' || shutdown
        ? { again: false as const, message: attempt.message ?? '' }
        : judgeRetry(strategy, attempt, attempts);
    if (verdict.again) {
      const message = attempt.message ?? '';
      state.emit({
        type: 'step-retried',
        step: step.displayName ?? '',
        attempt: attempts,
        message,
      });
      this.#startPod(state.node(step.name) ?? step);
      return;
    }
    const { message } = verdict;
    state.setNode(step.name, { phase, ...(outputs && { outputs }), ...(message && { message }) });
    this.#stepEnded(state.node(step.name) ?? step);
  }

  #stepEnded(node: NodeStatus): void {
    const { phase = '', message } = node;
    this.#state.emit({
      type: 'step-ended',
      step: stepOf(node),
      phase,
      ...(message && { message }),
    });
  }

  #sources(): VolumeSources {
    const templates = this.#state.workflow.spec.volumeClaimTemplates ?? [];
    const { claims, configMaps, secrets } = this.#options;
    return {
      templates: new Map(
        templates.map(({ metadata }) => {
          const name = metadata?.name ?? '';
          const host = join(this.#directory.volumes, name);
          mkdirSync(host, { recursive: true });
          return [name, host] as const;
        }),
      ),
      claims,
      configMaps,
      secrets,
    };
  }

  /** Does what other processes asked for. An answer to a gate that has not opened yet waits for it. */
  #obey(): void {
    const state = this.#state;
    for (const { command, done } of pendingCommands(this.#directory)) {
      if (command.kind === 'stop') {
        if (!isFinal(state.node(state.name))) {
          state.setShutdown(command.strategy);
          this.#endAll(MESSAGES.stopped(command.strategy));
        }
        done();
        continue;
      }
      const gate = Object.values(state.nodes).find(
        (node) => node.type === 'Suspend' && node.displayName === command.step,
      );
      if (gate === undefined) continue;
      if (gate.phase === 'Running' && DECISIONS.includes(command.decision)) {
        const supplied: Readonly<Record<string, string>> = {
          decision: command.decision,
          'decided-by': command.by,
          reason: command.reason,
        };
        const parameters = (gate.outputs?.parameters ?? []).map(({ valueFrom, ...parameter }) => ({
          ...parameter,
          value: supplied[parameter.name] ?? valueFrom?.default ?? '',
        }));
        state.setNode(gate.name, { phase: 'Succeeded', outputs: { parameters } });
        const { step, decision, by, reason } = command;
        state.emit({ type: 'gate-decided', step, decision, by, reason });
      }
      done();
    }
  }

  async #checkDeadline(): Promise<void> {
    const state = this.#state;
    const { activeDeadlineSeconds } = state.workflow.spec;
    const startedAt = Date.parse(state.workflow.status?.startedAt ?? '');
    if (activeDeadlineSeconds === undefined || isFinal(state.node(state.name))) return;
    if (Date.now() < startedAt + activeDeadlineSeconds * 1000) return;
    this.#endAll(MESSAGES.deadline);
    await Promise.all(this.#ending);
  }

  /** Ends every step that has not ended, gates included, and the DAG with them. */
  #endAll(message: string): void {
    const state = this.#state;
    for (const node of Object.values(state.nodes)) {
      if (isFinal(node) || node.name === state.name) continue;
      state.endNode(node.name, 'Failed', message);
      if (node.type !== 'Pod' || !/\(\d+\)$/.test(node.name))
        this.#stepEnded(state.node(node.name) ?? node);
    }
    for (const pod of this.#pods.values()) void pod.stop();
    if (state.node(state.name) !== undefined) state.endNode(state.name, 'Failed');
  }

  /** Argo's progress file: an agent writes there how many of its tasks are done. */
  #readProgress(): void {
    const state = this.#state;
    for (const id of this.#pods.keys()) {
      const node = state.nodes[id];
      const progress = readProgress(progressFileOf(join(this.#directory.pods, id)));
      if (node === undefined || progress === undefined || progress === node.progress) continue;
      state.setNode(node.name, { progress });
      state.emit({ type: 'progress', step: stepOf(node), progress });
    }
  }
}

/** The step's name as people know it: without the number of an attempt. */
function stepOf(node: NodeStatus): string {
  return (node.displayName ?? node.name).replace(/\(\d+\)$/, '');
}

function readProgress(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return /^\d{1,9}\/[1-9]\d{0,8}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
