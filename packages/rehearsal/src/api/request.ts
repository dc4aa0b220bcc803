import { isRecord } from '@agentteam/contract';

/** The parts of a request to the Messages API that a rehearsal uses. */
export interface MessagesRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  /** The messages as they were sent. */
  readonly sent: readonly unknown[];
  readonly tools: readonly OfferedTool[];
  /** Text of the system prompt. */
  readonly system: string;
}

/** The CLI adds messages with the role `system` inside a conversation. */
export interface Message {
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly Block[];
}

export type Block =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
    }
  | {
      readonly type: 'tool_result';
      readonly toolUseId: string;
      readonly text: string;
      readonly isError: boolean;
    };

export interface OfferedTool {
  readonly name: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

type Fields = Readonly<Record<string, unknown>>;

/** @returns undefined for a body that is not a request to the Messages API. */
export function readRequest(body: string): MessagesRequest | undefined {
  const value = fields(parse(body));
  if (!Array.isArray(value['messages'])) return undefined;
  return {
    model: text(value['model']),
    stream: value['stream'] === true,
    system: contentText(value['system']),
    messages: value['messages'].map(readMessage),
    sent: value['messages'],
    tools: list(value['tools']).map((tool) => ({
      name: text(fields(tool)['name']),
      inputSchema: fields(fields(tool)['input_schema']),
    })),
  };
}

function readMessage(value: unknown): Message {
  const { role, content } = fields(value);
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
  return {
    role: role === 'assistant' || role === 'system' ? role : 'user',
    content: blocks.flatMap((block) => readBlock(fields(block)) ?? []),
  };
}

/** Ignores thinking, images and documents, which scripts do not use. */
function readBlock(block: Fields): Block | undefined {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: text(block['text']) };
    case 'tool_use':
      return {
        type: 'tool_use',
        id: text(block['id']),
        name: text(block['name']),
        input: block['input'],
      };
    case 'tool_result':
      return {
        type: 'tool_result',
        toolUseId: text(block['tool_use_id']),
        text: contentText(block['content']),
        isError: block['is_error'] === true,
      };
    default:
      return undefined;
  }
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return list(content)
    .map((block) => text(fields(block)['text']))
    .filter((part) => part !== '')
    .join('\n');
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
