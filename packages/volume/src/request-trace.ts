import { ALL_ENDED, closedElements } from '@agentteam/contract';
import { digest } from '@agentteam/text';
import { readMailElements, withoutMailElements } from './mail-element.ts';
import { isProtocolMail } from './protocol-mail.ts';

/**
 * Digests of a request to the Messages API. A recording contains them instead of the request, and a replay
 * compares them to notice that an agent behaves differently.
 */
export interface RequestTrace {
  /** The digest of the agent's first message. */
  readonly prompt: string;
  /** The digests of the answers to the agent's last tool calls. */
  readonly answers: readonly { readonly tool: string; readonly digest: string }[];
  /** Absent in old recordings. */
  readonly heard?: Heard;
}

/** What the agent has been told in the conversation so far. */
export interface Heard {
  /** The number of messages from each agent, without those of Claude Code's team protocol. */
  readonly mail: Readonly<Record<string, number>>;
  /** How often the lead was told that all teammates have ended. */
  readonly ended: number;
}

/**
 * Tools whose answers are not compared. Mail and tasks depend on which agent was faster, and a replay has
 * the rehearsal's own MCP servers.
 */
const NOT_COMPARED = /^(Task[A-Z]|SendMessage|TodoWrite|mcp__)/;

/** Elements whose text differs between runs: the CLI adds the date, and paths depend on the machine. */
const VARIABLE_ELEMENTS = [
  ['</system-reminder>', /<system-reminder>[\s\S]*?<\/system-reminder>/g],
  ['</paths>', /<paths>[\s\S]*?<\/paths>/g],
] as const;

/**
 * @param messages the messages of the request as they were sent.
 * @param rename replaces names that differ in the run that this request is compared with.
 */
export function traceOf(
  messages: readonly unknown[],
  rename: (text: string) => string = (text) => text,
): Required<RequestTrace> {
  const read = messages.map(readMessage);
  const first = read.find(({ role }) => role === 'user')?.blocks ?? [];
  const texts = first.map(({ text }) => (typeof text === 'string' ? text : ''));
  const last = read.findLastIndex(({ role }) => role === 'assistant');
  const calls = new Map(
    (read[last]?.blocks ?? []).flatMap(({ type, id, name }) =>
      type === 'tool_use' ? [[id, String(name)] as const] : [],
    ),
  );
  const results = read.slice(last + 1).flatMap(({ blocks }) => blocks);
  return {
    prompt: digest(rename(withoutVariableText(texts.join(' ')).split(/\s+/).join(' ').trim())),
    answers: results.flatMap(({ type, tool_use_id: id, content }) => {
      const tool = type === 'tool_result' ? calls.get(id) : undefined;
      if (tool === undefined || NOT_COMPARED.test(tool)) return [];
      // Times and sizes differ between runs.
      const text = rename(textOf(content)).replaceAll(/[0-9]+/g, '0');
      return [{ tool, digest: digest(text) }];
    }),
    heard: heardIn(read),
  };
}

function heardIn(messages: readonly ReadMessage[]): Heard {
  const text = messages
    .flatMap(({ role, blocks }) => (role === 'user' ? blocks : []))
    .flatMap((block) => (typeof block['text'] === 'string' ? [block['text']] : []))
    .join('\n\n');
  const mail = new Map<string, number>();
  for (const { from, text: sent } of readMailElements(text)) {
    if (!isProtocolMail(sent)) mail.set(from, (mail.get(from) ?? 0) + 1);
  }
  const ended = withoutMailElements(text).split(ALL_ENDED).length - 1;
  return { mail: Object.fromEntries(mail), ended };
}

function withoutVariableText(text: string): string {
  return VARIABLE_ELEMENTS.reduce((given, [end, element]) => {
    const closed = closedElements(given, end);
    return closed.replaceAll(element, ' ') + given.slice(closed.length);
  }, text);
}

type Fields = Readonly<Record<string, unknown>>;

interface ReadMessage {
  readonly role: unknown;
  readonly blocks: readonly Fields[];
}

function readMessage(message: unknown): ReadMessage {
  const { role, content } = fields(message);
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
  return { role, blocks: blocks.map(fields) };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const texts = list(content).map((block) => fields(block)['text']);
  return texts.filter((text) => typeof text === 'string').join('\n');
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
