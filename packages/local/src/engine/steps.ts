import { join } from 'node:path';
import { ARGO_MESSAGES, type NodeStatus } from '@agentteam/argo';
import { closeGate } from '../gate-answers.ts';
import { isFailure, isFinal, stepOf } from '../nodes.ts';
import { type Programs, progressFileOf } from '../pod/container.ts';
import type { VolumeSources } from '../pod/mounts.ts';
import { Pod, type PodResult } from '../pod/pod.ts';
import type { PortOf } from '../pod/probe.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { substituteAll } from '../substitute.ts';
import type { Curfew } from './curfew.ts';
import { readProgress } from './progress-file.ts';
import { judgeRetry } from './retry-policy.ts';
import { templateScope } from './scope.ts';
import type { RunState } from './state.ts';

/** What a pod needs of this machine. */
export interface StepsOptions {
  readonly sources: VolumeSources;
  readonly programs: Programs;
  /** The network of a container's sandbox; undefined: it runs without one. */
  readonly sandbox: (template: string, container: string) => SandboxNetwork | undefined;
  readonly env: (template: string, container: string) => Readonly<Record<string, string>>;
  readonly portOf: PortOf;
  /** Called when a pod has ended. */
  readonly wake: () => void;
  /** Called when what has happened to a pod cannot be written down. */
  readonly fail: (error: unknown) => void;
  /** Makes sure that it was no full disk that ended a pod. @throws StorageError */
  readonly requireRoom: () => void;
}

/** A step that begins: its node's name, and what its node says from the start. */
export interface Beginning {
  readonly name: string;
  readonly displayName: string;
  readonly templateName: string;
  readonly boundaryID?: string;
  readonly inputs?: NonNullable<NodeStatus['inputs']>;
  /** Names of the nodes that it follows. */
  readonly parents?: readonly string[];
}

/** The steps of a run that is under way: their pods, their attempts and their ends. */
export class Steps {
  readonly #state: RunState;
  readonly #options: StepsOptions;
  readonly #pods: Map<string, Pod> = new Map();
  readonly #ending: Set<Promise<void>> = new Set();

  constructor(state: RunState, options: StepsOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Begins a step: opens a gate, or starts a pod. Under a curfew it only fails, as in Argo. */
  begin({ name, parents, ...fields }: Beginning, curfew: Curfew | undefined): void {
    const state = this.#state;
    const { suspend, outputs, retryStrategy } = state.template(fields.templateName);
    const add = (type: 'Suspend' | 'Retry' | 'Pod'): NodeStatus =>
      state.addNode(
        name,
        {
          ...fields,
          type,
          phase: type === 'Pod' ? 'Pending' : 'Running',
          ...(type === 'Suspend' && outputs && { outputs }),
        },
        parents,
      );
    if (suspend !== undefined) {
      const gate = add('Suspend');
      if (curfew === undefined) state.emit({ type: 'gate-opened', step: fields.displayName });
      else if (closeGate(state.directory, fields.displayName, 'the run ended the gate')) {
        this.#end(gate, curfew.gate);
      }
      return;
    }
    const node = add(retryStrategy === undefined ? 'Pod' : 'Retry');
    const pod = this.#addAttempt(node);
    if (curfew === undefined) {
      this.#start(pod);
      return;
    }
    state.endNode(pod.name, 'Failed', curfew.unbegun);
    this.#end(node, node === pod ? curfew.unbegun : curfew.retried);
  }

  /** Goes on with a step that an engine before this one had begun; one that is under way is left alone. */
  resume(node: NodeStatus): void {
    if (node.type !== 'Retry') {
      if (node.type === 'Pod' && !this.#pods.has(node.id)) this.#start(node);
      return;
    }
    const last = this.#attempts(node).at(-1);
    if (last === undefined) this.#start(this.#addAttempt(node));
    else if (isFinal(last)) this.#attemptEnded(node, last);
    else if (!this.#pods.has(last.id)) this.#start(last);
  }

  /** Ends every step that is under way, and does not begin another attempt of it. */
  endAll(curfew: Curfew, isPartOf: (node: NodeStatus) => boolean): void {
    const state = this.#state;
    const open = Object.values(state.nodes).filter((node) => !isFinal(node) && isPartOf(node));
    for (const node of open) {
      if (node.type === 'Pod') {
        void this.#pods.get(node.id)?.stop();
        state.endNode(node.name, 'Failed', curfew.pod);
        if (this.#retriedBy(node) === undefined) this.#stepEnded(node.name);
      }
    }
    for (const node of open) {
      if (
        node.type === 'Suspend' &&
        closeGate(state.directory, stepOf(node), 'the run ended the gate')
      ) {
        this.#end(node, curfew.gate);
      }
      if (node.type === 'Retry') this.#end(node, curfew.retried);
    }
  }

  /** Ends all pods; they start again when the run goes on. */
  async interrupt(): Promise<void> {
    await Promise.all([...this.#pods.values()].map((pod) => pod.interrupt()));
    await this.settled();
  }

  /** Resolves when the pods that run now have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending);
  }

  /** Takes over what agents say of their own tasks. */
  readProgress(): void {
    const state = this.#state;
    for (const id of this.#pods.keys()) {
      const node = state.nodes[id];
      const progress = readProgress(progressFileOf(join(state.directory.pods, id)));
      if (node === undefined || progress === undefined || progress === node.progress) continue;
      state.setNode(node.name, { progress });
      state.emit({ type: 'progress', step: stepOf(node), progress });
    }
  }

  #attempts(step: NodeStatus): readonly NodeStatus[] {
    return (step.children ?? []).flatMap((id) => {
      const node = this.#state.nodes[id];
      return node?.name.startsWith(`${step.name}(`) ? [node] : [];
    });
  }

  /** The node of a step's next pod: an attempt of its own where it is retried. */
  #addAttempt(node: NodeStatus): NodeStatus {
    if (node.type !== 'Retry') return node;
    const number = this.#attempts(node).length;
    const { displayName, templateName = '', boundaryID, inputs } = node;
    return this.#state.addNode(
      `${node.name}(${number})`,
      {
        displayName: `${displayName}(${number})`,
        type: 'Pod',
        phase: 'Pending',
        templateName,
        nodeFlag: { retried: true },
        ...(boundaryID !== undefined && { boundaryID }),
        ...(inputs !== undefined && { inputs }),
      },
      [node.name],
    );
  }

  #start(node: NodeStatus): void {
    const state = this.#state;
    const { sources, programs, sandbox, env, portOf } = this.#options;
    const { templateName = '' } = node;
    const { volumes = [], ...given } = state.template(templateName);
    const template = { ...given, volumes: [...(state.workflow.spec.volumes ?? []), ...volumes] };
    const attempt = attemptOf(node);
    const pod = new Pod({
      directory: join(state.directory.pods, node.id),
      template: substituteAll(template, templateScope(state, template, node.inputs, attempt)),
      sources,
      programs,
      sandbox: (container) => sandbox(templateName, container),
      env: (container) => env(templateName, container),
      portOf,
      onInitialized: () => {
        if (!isFinal(state.node(node.name) ?? node)) state.setNode(node.name, { phase: 'Running' });
      },
      onRestart: (container, exitCode) =>
        state.emit({ type: 'container-restarted', step: stepOf(node), container, exitCode }),
    });
    this.#pods.set(node.id, pod);
    state.emit({ type: 'step-started', step: stepOf(node), attempt });
    const ending = pod
      .run()
      .then((result) => {
        this.#pods.delete(node.id);
        this.#ending.delete(ending);
        this.#podEnded(node, result);
        this.#options.wake();
      })
      .catch(this.#options.fail);
    this.#ending.add(ending);
  }

  #podEnded({ name }: NodeStatus, result: PodResult | undefined): void {
    const state = this.#state;
    // Interrupted: it starts again. Or ended already, by the deadline or a stop.
    if (result === undefined || isFinal(state.node(name))) return;
    const { phase, message, outputs } = result;
    // It is not known to have failed then: it starts again when there is room.
    if (phase !== 'Succeeded') this.#options.requireRoom();
    const node = state.setNode(name, {
      phase,
      ...(message && { message }),
      ...(outputs && { outputs }),
    });
    const step = this.#retriedBy(node);
    if (step === undefined) this.#stepEnded(name);
    else this.#attemptEnded(step, node);
  }

  #retriedBy(attempt: NodeStatus): NodeStatus | undefined {
    const step = this.#state.node(attempt.name.replace(/\(\d+\)$/, ''));
    return step?.type === 'Retry' ? step : undefined;
  }

  /** What a retried step makes of an attempt's end: its own end, or another attempt. */
  #attemptEnded(step: NodeStatus, attempt: NodeStatus): void {
    const state = this.#state;
    if (isFinal(step)) return;
    const { outputs, phase = 'Error', message = '' } = attempt;
    if (!isFailure(attempt)) {
      state.setNode(step.name, { phase, ...(outputs && { outputs }) });
      this.#stepEnded(step.name);
      return;
    }
    const strategy = state.template(step.templateName ?? '').retryStrategy ?? {};
    const attempts = this.#attempts(step).length;
    const verdict = judgeRetry(strategy, attempt, attempts);
    if (!verdict.again) {
      // As in Argo: what the last attempt left is what the step left.
      if (outputs !== undefined) state.setNode(step.name, { outputs });
      state.endNode(step.name, phase, verdict.message);
      this.#stepEnded(step.name);
      return;
    }
    if (this.#isPausing(step, attempt, verdict.pause)) return;
    state.emit({ type: 'step-retried', step: stepOf(step), attempt: attempts, message });
    this.#start(this.#addAttempt(step));
  }

  /** Whether the pause before another attempt goes on. The engine asks again until it does not. */
  #isPausing(step: NodeStatus, { finishedAt }: NodeStatus, pause: number): boolean {
    const until = Date.parse(finishedAt ?? '') + pause * 1000;
    const message = ARGO_MESSAGES.backoff(pause);
    const isPausing = Date.now() < until;
    if (isPausing && step.message !== message) this.#state.setNode(step.name, { message });
    if (!isPausing && step.message === message) this.#state.setNode(step.name, { message: '' });
    return isPausing;
  }

  #end(node: NodeStatus, message: string): void {
    this.#state.endNode(node.name, 'Failed', message);
    this.#stepEnded(node.name);
  }

  #stepEnded(name: string): void {
    const node = this.#state.node(name);
    if (node === undefined) return;
    const { phase = '', message } = node;
    const step = stepOf(node);
    this.#state.emit({ type: 'step-ended', step, phase, ...(message && { message }) });
  }
}

/** Its number; 0 where a step is not retried. */
function attemptOf(node: NodeStatus): number {
  return Number(/\((\d+)\)$/.exec(node.name)?.[1] ?? 0);
}
