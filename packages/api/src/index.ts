import type {
  AgentTeamRunSpec,
  AgentTeamRunStatus,
  AgentTeamSpec,
  AgentTeamStatus,
  AgentTeamTemplateSpec,
  AgentTeamTemplateStatus,
} from './generated/types.ts';

export * from './generated/schemas.ts';
export type {
  AgentTeamRunSpec,
  AgentTeamRunStatus,
  AgentTeamSpec,
  AgentTeamStatus,
  AgentTeamTemplateStatus,
} from './generated/types.ts';
export type { Schema } from './schema.ts';

export const GROUP = 'claude.amcheste.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = 'claude.amcheste.io/v1alpha1';
export const AGENT_TEAM = { kind: 'AgentTeam', plural: 'agentteams' } as const;
export const AGENT_TEAM_TEMPLATE = {
  kind: 'AgentTeamTemplate',
  plural: 'agentteamtemplates',
} as const;
export const AGENT_TEAM_RUN = { kind: 'AgentTeamRun', plural: 'agentteamruns' } as const;

/** The metadata that this project reads. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** A team as the API server stores it, with its defaults. */
export interface AgentTeam {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof AGENT_TEAM.kind;
  readonly metadata: ObjectMeta;
  readonly spec: AgentTeamSpec;
  readonly status?: AgentTeamStatus;
}

/** A template. It has no defaults: the teams that are made from it get them. */
export interface AgentTeamTemplate {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof AGENT_TEAM_TEMPLATE.kind;
  readonly metadata: ObjectMeta;
  readonly spec: AgentTeamTemplateSpec;
  readonly status?: AgentTeamTemplateStatus;
}

/** A run of a template. */
export interface AgentTeamRun {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: typeof AGENT_TEAM_RUN.kind;
  readonly metadata: ObjectMeta;
  readonly spec: AgentTeamRunSpec;
  readonly status?: AgentTeamRunStatus;
}

export type Lead = AgentTeamSpec['lead'];
export type Teammate = AgentTeamSpec['teammates'][number];
export type ApprovalGate = NonNullable<AgentTeamSpec['lifecycle']['approvalGates']>[number];
export type Skill = NonNullable<Teammate['skills']>[number];
export type Plugin = NonNullable<Teammate['plugins']>[number];
export type McpServer = NonNullable<Teammate['mcpServers']>[number];
export type Condition = NonNullable<AgentTeamStatus['conditions']>[number];
