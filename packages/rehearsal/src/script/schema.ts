import type { AnySchemaObject } from 'ajv';
import { peopleSchema } from './people.ts';
import { STOP_REASONS } from './script.ts';

const TEXT = { type: 'string' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
const AGENT_NAME = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';

const tokens = {
  input: COUNT,
  output: COUNT,
  cacheRead: COUNT,
  cacheWrite5m: COUNT,
  cacheWrite1h: COUNT,
} as const;

const iteration = {
  type: 'object',
  additionalProperties: false,
  required: ['type'],
  properties: { type: { type: 'string', minLength: 1 }, model: TEXT, ...tokens },
} as const;

const usage = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...tokens,
    webSearches: COUNT,
    iterations: { type: 'array', items: iteration },
  },
} as const;

const toolCall = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    mcp: { type: 'string', minLength: 1 },
    tool: { type: 'string', minLength: 1 },
    input: { type: 'object' },
    as: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9_-]*$' },
    retries: { type: 'integer', minimum: 0, maximum: 20 },
  },
} as const;

const error = {
  type: 'object',
  additionalProperties: false,
  properties: {
    status: { type: 'integer', minimum: 400, maximum: 599 },
    type: TEXT,
    message: TEXT,
    retryAfter: { type: 'number', minimum: 0 },
    resetAfter: { type: 'number', minimum: 0 },
    headers: { type: 'object', additionalProperties: TEXT },
    cutAfter: COUNT,
    times: COUNT,
  },
} as const;

const { cutAfter: _cutAfter, ...withoutCut } = error.properties;

/** A preflight needs an answer, so its connection cannot be cut. */
const preflightError = { ...error, required: ['status'], properties: withoutCut } as const;

const turn = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: TEXT,
    tools: { type: 'array', minItems: 1, items: toolCall },
    until: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: {
        mail: { type: 'array', minItems: 1, items: { type: 'string', pattern: AGENT_NAME } },
        ended: { const: true },
      },
    },
    usage,
    stopReason: { enum: STOP_REASONS },
    delayMs: COUNT,
    thinkMs: COUNT,
    pace: {
      type: 'object',
      additionalProperties: false,
      required: ['characters', 'everyMs'],
      properties: { characters: { type: 'integer', minimum: 1 }, everyMs: COUNT },
    },
    errors: { type: 'array', minItems: 1, items: error },
  },
} as const;

const mcpTool = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
    description: TEXT,
    inputSchema: { type: 'object' },
    reply: TEXT,
  },
} as const;

/** The JSON schema of a script. */
export const scriptSchema: AnySchemaObject = {
  type: 'object',
  additionalProperties: false,
  required: ['agents'],
  properties: {
    agents: {
      type: 'object',
      propertyNames: { pattern: AGENT_NAME },
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['turns'],
        properties: {
          idle: { type: 'string', minLength: 1 },
          preflight: { type: 'array', minItems: 1, items: preflightError },
          turns: { type: 'array', items: turn },
        },
      },
    },
    people: peopleSchema,
    mcpServers: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['tools'],
        properties: { tools: { type: 'array', minItems: 1, items: mcpTool } },
      },
    },
  },
} as const;
