import type { Lead, Teammate } from '@agentteam/api';
import type {
  AgentSpec,
  ChecksSpec,
  DeliverSpec,
  FinishSpec,
  GatewaySpec,
  RollCallSpec,
} from '@agentteam/contract';

/** What a step waits for and under which condition it runs, as an Argo DAG task says it. */
export interface Task {
  readonly name: string;
  readonly depends?: string;
  readonly when?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface AgentStep {
  readonly kind: 'agent';
  readonly task: Task;
  /** Of its Argo template: in lower case, it becomes part of the pod's name. */
  readonly template: string;
  readonly spec: AgentSpec;
  readonly gateway: GatewaySpec;
  readonly source: Lead | Teammate;
}

export interface GateStep {
  readonly kind: 'gate';
  readonly task: Task;
  readonly template: string;
  readonly event: string;
  /** Whether it matters who answers: then the controller ends it, also when its time is over. */
  readonly restricted: boolean;
  /** After so many seconds the gate counts as rejected. */
  readonly timeoutSeconds?: number;
}

export interface RollCallStep {
  readonly kind: 'roll-call';
  readonly task: Task;
  readonly spec: RollCallSpec;
}

export interface ChecksStep {
  readonly kind: 'checks';
  readonly task: Task;
  readonly spec: ChecksSpec;
  readonly gateway: GatewaySpec;
  readonly source: Lead;
}

export interface DeliverStep {
  readonly kind: 'deliver';
  readonly task: Task;
  readonly spec: DeliverSpec;
}

/** Not a task of the DAG: Argo runs it at the end, however the end came. */
export interface FinishStep {
  readonly kind: 'finish';
  readonly spec: FinishSpec;
}

export type Step = AgentStep | GateStep | RollCallStep | ChecksStep | DeliverStep | FinishStep;

export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
