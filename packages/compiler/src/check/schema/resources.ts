import {
  agentTeamRunSchema,
  agentTeamSchema,
  agentTeamTemplateSchema,
  type Schema,
} from '@agentteam/api';
import type { ErrorObject } from 'ajv';
import {
  validateAgentTeam,
  validateAgentTeamRun,
  validateAgentTeamTemplate,
} from '../../generated/validators.js';

export type Kind = 'AgentTeam' | 'AgentTeamTemplate' | 'AgentTeamRun';

interface Resource {
  readonly schema: Schema;
  readonly validate: ((object: unknown) => boolean) & { errors?: ErrorObject[] | null };
  /** The word for the resource in a sentence. */
  readonly noun: string;
}

/** The resources of crds/, with their schemas and validators. */
export const RESOURCES: Readonly<Record<Kind, Resource>> = {
  AgentTeam: { schema: agentTeamSchema, validate: validateAgentTeam, noun: 'team' },
  AgentTeamTemplate: {
    schema: agentTeamTemplateSchema,
    validate: validateAgentTeamTemplate,
    noun: 'template',
  },
  AgentTeamRun: { schema: agentTeamRunSchema, validate: validateAgentTeamRun, noun: 'run' },
};
