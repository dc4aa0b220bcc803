import { ALL_ENDED, shownName } from '@agentteam/contract';
import {
  type Asked,
  type ErrorReply,
  errorType,
  type ModelReply,
  mistakeReply,
  type Reply,
  type ReplyBlock,
  type ReplySource,
} from '../api/reply.ts';
import { readConversation } from '../conversation/conversation.ts';
import { seenMail } from '../conversation/mail.ts';
import type { AgentScript, Condition, Script, ScriptedError, Turn } from '../script/script.ts';
import { type CallId, formatCallId } from './call-id.ts';
import { chooseMcpTool, sampleInput, toolName } from './mcp-tool.ts';
import { findPosition, IDLE } from './position.ts';
import { renderInput, renderText } from './render.ts';
import { usageOf } from './usage.ts';
import { type Scene, UnseenError } from './values.ts';

/** Plays a script. The conversation in each request tells which turn is next. */
export class ScriptSource implements ReplySource {
  readonly #script: Script;
  /** How often each scripted error was sent. Conversations do not show errors. */
  readonly #errors: Map<ScriptedError, number> = new Map();

  constructor(script: Script) {
    this.#script = script;
  }

  async reply(asked: Asked): Promise<Reply> {
    const { agent, subagent, request } = asked;
    if (request.tools.length === 0) return plain(asked, 'A rehearsal.');
    if (subagent) return plain(asked, 'A rehearsal: a sub-agent has nothing to add.');
    const script = scriptOf(agent, this.#script);
    const conversation = readConversation(request);
    const position = findPosition(agent, script, conversation);
    const scene: Scene = { agent, turns: script.turns, conversation };
    const turn = script.turns[position.turn];
    try {
      if (turn === undefined) return plain(asked, lastText(scene));
      if (position.fresh && !isDue(turn, scene)) {
        return plain(asked, renderText(script.idle ?? IDLE, scene));
      }
      const error = this.#nextError(turn.errors);
      if (error?.status !== undefined) return errorReply(error, error.status);
      const cut = error?.cutAfter === undefined ? {} : { cutAfter: error.cutAfter };
      return { ...turnReply(asked, turn, position, scene), ...cut };
    } catch (cause) {
      if (!(cause instanceof UnseenError)) throw cause;
      const { file = 'script' } = this.#script;
      const where = `${file}:${turn?.line ?? 1}: turn ${position.turn + 1} of ${shownName(agent)}`;
      const message = `${where}: ${cause.message}; correct the script, and start a new rehearsal`;
      return mistakeReply(message);
    }
  }

  modelsError(agent: string): ErrorReply | undefined {
    const error = this.#nextError(this.#script.agents[agent]?.preflight);
    return error?.status === undefined ? undefined : errorReply(error, error.status);
  }

  #nextError(errors: readonly ScriptedError[] = []): ScriptedError | undefined {
    for (const error of errors) {
      const { times = 1 } = error;
      const given = this.#errors.get(error) ?? 0;
      if (times !== 0 && given >= times) continue;
      this.#errors.set(error, given + 1);
      return error;
    }
    return undefined;
  }
}

/** The script of an agent, with the turns that a person interrupts. */
function scriptOf(agent: string, { agents, people }: Script): AgentScript {
  const script = agents[agent] ?? { turns: [] };
  const interrupted = (people?.interrupts ?? [])
    .filter(({ after }) => after.agent === agent)
    .map(({ after }) => after.turn - 1);
  if (interrupted.length === 0) return script;
  const turns = script.turns.map((turn, index) =>
    interrupted.includes(index) ? { ...turn, isInterrupted: true } : turn,
  );
  return { ...script, turns };
}

function isDue(turn: Turn, { turns, conversation }: Scene): boolean {
  const { mail = [], ended }: Condition = turn.until ?? {};
  const senders = new Set(seenMail(conversation.userText).map(({ from }) => from));
  if (!mail.every((name) => senders.has(name))) return false;
  if (ended !== true) return true;
  // A retry sends the lead this message again, so the n-th turn that waits for it needs the n-th message.
  const waiting = turns.slice(0, turns.indexOf(turn) + 1).filter(({ until }) => until?.ended);
  return conversation.userText.split(ALL_ENDED).length > waiting.length;
}

function turnReply(
  { agent, request }: Asked,
  turn: Turn,
  position: { readonly turn: number; readonly calls: readonly CallId[]; readonly fresh: boolean },
  scene: Scene,
): ModelReply {
  const content: ReplyBlock[] = [];
  if (turn.text !== undefined && position.fresh) {
    content.push({ type: 'text', text: renderText(turn.text, scene) });
  }
  for (const callId of position.calls) {
    const call = turn.tools?.[callId.call];
    if (call === undefined) continue;
    const id = formatCallId(agent, callId);
    if (callId.check) {
      content.push({ type: 'tool_use', id, name: 'TaskList', input: {} });
    } else if ('mcp' in call) {
      const { name, inputSchema } = chooseMcpTool(call, request.tools);
      const input = renderInput(call.input ?? sampleInput(inputSchema), scene);
      content.push({ type: 'tool_use', id, name, input });
    } else {
      const input = renderInput(call.input ?? {}, scene);
      content.push({ type: 'tool_use', id, name: toolName(call.name), input });
    }
  }
  return {
    kind: 'model',
    id: `msg_${agent}_${position.turn + 1}_${scene.conversation.length}`,
    content,
    usage: usageOf(turn, position.turn),
    delayMs: turn.delayMs ?? 0,
    ...(turn.stopReason !== undefined && { stopReason: turn.stopReason }),
    ...(turn.thinkMs !== undefined && { thinkMs: turn.thinkMs }),
    ...(turn.pace !== undefined && { pace: turn.pace }),
    turn: position.turn + 1,
  };
}

/** After the last turn, the agent repeats its last text whenever it is woken. */
function lastText(scene: Scene): string {
  const last = scene.turns.at(-1);
  return last?.text === undefined || last.tools !== undefined
    ? 'done.'
    : renderText(last.text, scene);
}

/** A reply that is not in the script. */
function plain({ agent, request }: Asked, text: string): ModelReply {
  return {
    kind: 'model',
    id: `msg_${agent}_idle_${request.messages.length}`,
    content: [{ type: 'text', text }],
    usage: usageOf({ text }, 0),
    delayMs: 0,
  };
}

function errorReply(
  { type, message, retryAfter, resetAfter, headers = {} }: ScriptedError,
  status: number,
): ErrorReply {
  const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const reset = resetAfter === undefined ? {} : unifiedReset(resetAfter);
  return {
    kind: 'error',
    status,
    type: type ?? errorType(status),
    message: message ?? `scripted error ${status}`,
    headers: { ...wait, ...reset, ...headers },
  };
}

/** The headers with which the API tells when a subscription's limit resets. */
function unifiedReset(seconds: number): Readonly<Record<string, string>> {
  return {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(Math.ceil(Date.now() / 1000 + seconds)),
  };
}
