import { QUESTION_LIMITS } from '@agentteam/contract';
import type { AnySchemaObject } from 'ajv';

/** What a rehearsal's script says for people. `agentteam run` plays it; in a cluster nobody does. */
export interface PeopleScript {
  /** Answers to questions of agents. */
  readonly answers?: readonly ScriptedAnswer[];
}

/** A person's answer to a question of an agent. */
export interface ScriptedAnswer {
  /** The question's id: `researcher.1` is the first question of the agent `researcher`. */
  readonly question: string;
  readonly text: string;
  /** Name of the person. @default `rehearsal` */
  readonly by?: string;
}

const TEXT = { type: 'string', minLength: 1 } as const;

/** The JSON schema of {@link PeopleScript}. */
export const peopleSchema: AnySchemaObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    answers: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['question', 'text'],
        properties: {
          question: {
            type: 'string',
            pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.[1-9][0-9]?$',
          },
          text: { ...TEXT, maxLength: QUESTION_LIMITS.answer },
          by: { ...TEXT, maxLength: QUESTION_LIMITS.by },
        },
      },
    },
  },
} as const;
