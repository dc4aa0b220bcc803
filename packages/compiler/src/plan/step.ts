import type {
  AgentSpec,
  ChecksSpec,
  DeliverSpec,
  FinishSpec,
  GatewaySpec,
  RollCallSpec,
} from '@agentteam/contract';
import type { ResolvedAgent, ResolvedGate } from '../resolve/agents.ts';

/** A task of the Argo DAG: what it waits for, and the condition under which it runs. */
export interface Task {
  readonly name: string;
  readonly depends?: string;
  readonly when?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface AgentStep {
  readonly kind: 'agent';
  readonly task: Task;
  readonly agent: ResolvedAgent;
  readonly spec: AgentSpec;
  readonly gateway: GatewaySpec;
}

export interface GateStep {
  readonly kind: 'gate';
  readonly task: Task;
  readonly gate: ResolvedGate;
}

export interface RollCallStep {
  readonly kind: 'roll-call';
  readonly task: Task;
  readonly spec: RollCallSpec;
}

export interface ChecksStep {
  readonly kind: 'checks';
  readonly task: Task;
  readonly lead: ResolvedAgent;
  readonly spec: ChecksSpec;
  readonly gateway: GatewaySpec;
}

export interface DeliverStep {
  readonly kind: 'deliver';
  readonly task: Task;
  readonly spec: DeliverSpec;
}

/** Not a task of the DAG: Argo runs it in the exit handler, whatever the outcome. */
export interface FinishStep {
  readonly kind: 'finish';
  readonly spec: FinishSpec;
}

export type Step = AgentStep | GateStep | RollCallStep | ChecksStep | DeliverStep | FinishStep;

export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
