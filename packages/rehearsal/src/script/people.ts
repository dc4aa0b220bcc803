import { QUESTION_LIMITS } from '@agentteam/contract';
import type { AnySchemaObject } from 'ajv';

/** What a rehearsal's script says for people. `agentteam run` plays it; in a cluster nobody does. */
export interface PeopleScript {
  /** Answers to questions of agents. */
  readonly answers?: readonly ScriptedAnswer[];
  /** Messages of people to agents. */
  readonly messages?: readonly ScriptedMessage[];
  /** People who interrupt an agent's turn and say how to go on. */
  readonly interrupts?: readonly ScriptedInterrupt[];
  /** Pauses of the team. */
  readonly pauses?: readonly ScriptedPause[];
}

/** A person's answer to a question of an agent. */
export interface ScriptedAnswer {
  /** The question's id: `researcher.1` is the first question of the agent `researcher`. */
  readonly question: string;
  readonly text: string;
  /** Name of the person. @default `rehearsal` */
  readonly by?: string;
}

/** The moment at which the rehearsal plays a turn of an agent. */
export interface Moment {
  readonly agent: string;
  /** Number of the turn, from 1. After a turn with tools the agent is busy; after one without, it is idle. */
  readonly turn: number;
}

export interface ScriptedMessage {
  /** @default all agents */
  readonly to?: string;
  readonly text: string;
  readonly after: Moment;
  /** Name of the person. @default `rehearsal` */
  readonly by?: string;
}

export interface ScriptedInterrupt {
  /** The turn that is interrupted, while one of its tools runs. */
  readonly after: Moment;
  /** The message with which the agent goes on. */
  readonly text: string;
  /** Name of the person. @default `rehearsal` */
  readonly by?: string;
}

export interface ScriptedPause {
  readonly after: Moment;
  /** Milliseconds until the team is resumed. */
  readonly forMs: number;
  /** Name of the person. @default `rehearsal` */
  readonly by?: string;
}

const TEXT = { type: 'string', minLength: 1 } as const;
const AGENT = { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' } as const;
const MOMENT = {
  type: 'object',
  additionalProperties: false,
  required: ['agent', 'turn'],
  properties: { agent: AGENT, turn: { type: 'integer', minimum: 1 } },
} as const;

/** The schema of a list of what people do after a turn. */
function actions(required: AnySchemaObject, optional: AnySchemaObject = {}): AnySchemaObject {
  return {
    type: 'array',
    minItems: 1,
    items: {
      type: 'object',
      additionalProperties: false,
      required: [...Object.keys(required), 'after'],
      properties: { ...required, ...optional, after: MOMENT, by: TEXT },
    },
  };
}

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
    messages: { maxItems: 100, ...actions({ text: TEXT }, { to: AGENT }) },
    interrupts: { maxItems: 100, ...actions({ text: TEXT }) },
    pauses: actions({ forMs: { type: 'integer', minimum: 0 } }),
  },
};
