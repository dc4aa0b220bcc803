import { join } from 'node:path';
import type { NodeStatus } from '@agentteam/argo';
import { substituteAll } from '../expressions/substitute.ts';
import { closeGate } from '../gate-answers.ts';
import type { ImageEngine } from '../images/image-engine.ts';
import { isFailure, isFinal, stepOf } from '../nodes.ts';
import { type Programs, progressFileOf } from '../pod/container.ts';
import { withFields } from '../pod/fields.ts';
import type { VolumeSources } from '../pod/mounts.ts';
import { Pod, type PodResult } from '../pod/pod.ts';
import type { PortOf } from '../pod/probe.ts';
import type { SandboxNetwork } from '../sandbox/network.ts';
import { addAttempt, attemptNumber, attemptsOf, isInBackoff, retriedStepOf } from './attempts.ts';
import { readProgress } from './progress-file.ts';
import { decideRetry } from './retry-policy.ts';
import { templateScope } from './scope.ts';
import type { Shutdown } from './shutdown.ts';
import type { RunState } from './state.ts';

/** What the steps' pods need to know about this machine, and the callbacks for their end. */
export interface StepsOptions {
  readonly sources: VolumeSources;
  readonly programs: Programs;
  /** The network of a container's sandbox; undefined for a container without a sandbox. */
  readonly sandbox: (template: string, container: string) => SandboxNetwork | undefined;
  readonly env: (template: string, container: string) => Readonly<Record<string, string>>;
  readonly portOf: PortOf;
  readonly imageEngine?: ImageEngine | undefined;
  /** Called when a pod has ended. */
  readonly onPodEnd: () => void;
  /** Called when a pod's end could not be recorded. */
  readonly onError: (error: unknown) => void;
  /** Called before a pod counts as failed. @throws StorageError when a full disk may have ended it. */
  readonly requireDiskSpace: () => void;
}

/** The initial fields of a step's node. */
export interface NewStep {
  readonly name: string;
  readonly displayName: string;
  readonly templateName: string;
  readonly boundaryID?: string;
  readonly inputs?: NonNullable<NodeStatus['inputs']>;
  /** Names of the nodes that the step follows. */
  readonly parents?: readonly string[];
}

/** Why nobody can answer a gate any more. */
const GATE_ENDED_WITH_RUN = 'the gate has ended together with the run';

/** The steps of a run that is running: their pods, their attempts and how they end. */
export class Steps {
  readonly #state: RunState;
  readonly #options: StepsOptions;
  readonly #pods: Map<string, Pod> = new Map();
  readonly #ending: Set<Promise<void>> = new Set();

  constructor(state: RunState, options: StepsOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Opens a gate or starts a pod. During a shutdown the step fails without starting, as in Argo. */
  begin({ name, parents, ...fields }: NewStep, shutdown: Shutdown | undefined): void {
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
      if (shutdown === undefined) state.emit({ type: 'gate-opened', step: fields.displayName });
      else this.#endGate(gate, shutdown);
      return;
    }
    const node = add(retryStrategy === undefined ? 'Pod' : 'Retry');
    const pod = addAttempt(state, node);
    if (shutdown === undefined) {
      this.#start(pod);
      return;
    }
    const { pendingPod, retriedStep } = shutdown.messages;
    state.endNode(pod.name, 'Failed', pendingPod);
    this.#fail(node, node === pod ? pendingPod : retriedStep);
  }

  /** Continues a step that an earlier engine began. A step that is already running is left alone. */
  resume(node: NodeStatus): void {
    if (node.type !== 'Retry') {
      if (node.type === 'Pod' && !this.#pods.has(node.id)) this.#start(node);
      return;
    }
    const last = attemptsOf(this.#state, node).at(-1);
    if (last === undefined) this.#start(addAttempt(this.#state, node));
    else if (isFinal(last)) this.#attemptEnded(node, last);
    else if (!this.#pods.has(last.id)) this.#start(last);
  }

  /** Ends all steps that `isAffected` selects. None of them is attempted again. */
  endAll(shutdown: Shutdown, isAffected: (node: NodeStatus) => boolean): void {
    const state = this.#state;
    const { messages } = shutdown;
    const open = Object.values(state.nodes).filter((node) => !isFinal(node) && isAffected(node));
    for (const node of open.filter(({ type }) => type === 'Pod')) {
      void this.#pods.get(node.id)?.stop();
      state.endNode(node.name, 'Failed', messages.runningPod);
      if (retriedStepOf(state, node) === undefined) this.#emitEnd(node.name);
    }
    for (const node of open) {
      if (node.type === 'Suspend') this.#endGate(node, shutdown);
      if (node.type === 'Retry') this.#fail(node, messages.retriedStep);
    }
  }

  /** Ends all pods because the engine stops; they start again when the run is resumed. */
  async interrupt(): Promise<void> {
    await Promise.all([...this.#pods.values()].map((pod) => pod.interrupt()));
    await this.settled();
  }

  /** Resolves when the pods that are running now have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending);
  }

  /** Gives the pods what people have replaced in their Secrets. */
  refreshSecrets(): void {
    for (const pod of this.#pods.values()) pod.refreshSecrets();
  }

  /** Copies the progress that agents report about their tasks into their nodes. */
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

  #start(node: NodeStatus): void {
    const state = this.#state;
    const attempt = attemptNumber(node);
    const pod = this.#podOf(node, attempt);
    this.#pods.set(node.id, pod);
    state.emit({ type: 'step-started', step: stepOf(node), attempt });
    const ending = pod
      .run()
      .then((result) => {
        this.#pods.delete(node.id);
        this.#ending.delete(ending);
        this.#podEnded(node, result);
        this.#options.onPodEnd();
      })
      .catch(this.#options.onError);
    this.#ending.add(ending);
  }

  #podOf(node: NodeStatus, attempt: number): Pod {
    const state = this.#state;
    const { sources, programs, sandbox, env, portOf, imageEngine } = this.#options;
    const { templateName = '' } = node;
    const { volumes = [], ...given } = state.template(templateName);
    const template = { ...given, volumes: [...(state.workflow.spec.volumes ?? []), ...volumes] };
    return new Pod({
      directory: join(state.directory.pods, node.id),
      template: withFields(
        substituteAll(template, templateScope(state, template, node.inputs, attempt)),
        {
          'metadata.name': node.id,
          'metadata.namespace': state.workflow.metadata.namespace ?? 'default',
        },
      ),
      sources,
      programs,
      sandbox: (container) => sandbox(templateName, container),
      env: (container) => env(templateName, container),
      portOf,
      imageEngine,
      onInitialized: () => {
        if (!isFinal(state.node(node.name) ?? node)) state.setNode(node.name, { phase: 'Running' });
      },
      onRestart: (container, exitCode) =>
        state.emit({ type: 'container-restarted', step: stepOf(node), container, exitCode }),
    });
  }

  #podEnded({ name }: NodeStatus, result: PodResult | undefined): void {
    const state = this.#state;
    // An interrupted pod starts again, and a deadline or a stop may have ended its node already.
    if (result === undefined || isFinal(state.node(name))) return;
    const { phase, message, outputs } = result;
    if (phase !== 'Succeeded') this.#options.requireDiskSpace();
    const node = state.setNode(name, {
      phase,
      ...(message && { message }),
      ...(outputs && { outputs }),
    });
    const step = retriedStepOf(state, node);
    if (step === undefined) this.#emitEnd(name);
    else this.#attemptEnded(step, node);
  }

  /** Ends the step as its attempt ended, or starts another attempt once the pause is over. */
  #attemptEnded(step: NodeStatus, attempt: NodeStatus): void {
    const state = this.#state;
    if (isFinal(step)) return;
    const { outputs, phase = 'Error', message = '' } = attempt;
    if (!isFailure(attempt)) {
      state.setNode(step.name, { phase, ...(outputs && { outputs }) });
      this.#emitEnd(step.name);
      return;
    }
    const strategy = state.template(step.templateName ?? '').retryStrategy ?? {};
    const attempts = attemptsOf(state, step).length;
    const decision = decideRetry(strategy, attempt, attempts);
    if (!decision.retry) {
      // As in Argo, the step has the outputs of its last attempt.
      if (outputs !== undefined) state.setNode(step.name, { outputs });
      state.endNode(step.name, phase, decision.message);
      this.#emitEnd(step.name);
      return;
    }
    // The engine calls `resume` for this step until the pause is over.
    if (isInBackoff(state, step, attempt, decision.pause)) return;
    state.emit({ type: 'step-retried', step: stepOf(step), attempt: attempts, message });
    this.#start(addAttempt(state, step));
  }

  /** Ends an open gate, unless a person has answered it just now. */
  #endGate(gate: NodeStatus, { messages }: Shutdown): void {
    if (closeGate(this.#state.directory, stepOf(gate), GATE_ENDED_WITH_RUN)) {
      this.#fail(gate, messages.gate);
    }
  }

  #fail(node: NodeStatus, message: string): void {
    this.#state.endNode(node.name, 'Failed', message);
    this.#emitEnd(node.name);
  }

  #emitEnd(name: string): void {
    const node = this.#state.node(name);
    if (node === undefined) return;
    const { phase = '', message } = node;
    const step = stepOf(node);
    this.#state.emit({ type: 'step-ended', step, phase, ...(message && { message }) });
  }
}
