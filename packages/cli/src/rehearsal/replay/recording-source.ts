import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Asked,
  type ModelReply,
  mistakeReply,
  type Reply,
  type ReplySource,
} from '@agentteam/rehearsal';
import { META_SUFFIX, type RecordingMeta, type RequestTrace, traceOf } from '@agentteam/volume';
import { endsTurn, isTooEarly, skipIdleReplies } from './align-turns.ts';
import { type Recorded, readRecorded } from './recorded-reply.ts';
import { type PathReplacement, replacePaths, restorePaths } from './replace-paths.ts';

/**
 * Replays the replies of a recorded run, for each agent in order. An agent may be woken more or less often than in
 * the recorded run. When the requests differ from the recorded ones, for example because the team has changed, the
 * source records a deviation and continues in order.
 */
export class RecordingSource implements ReplySource {
  readonly #replies: ReadonlyMap<string, readonly Recorded[]>;
  readonly #replacements: readonly PathReplacement[];
  readonly #next: Map<string, number> = new Map();
  /** The number of replies of each agent for which a request was compared with the recorded one. */
  readonly #compared: Map<string, number> = new Map();
  readonly #deviations: Map<string, string> = new Map();

  private constructor(
    replies: ReadonlyMap<string, readonly Recorded[]>,
    replacements: readonly PathReplacement[],
  ) {
    this.#replies = replies;
    this.#replacements = replacements;
  }

  /**
   * @param directory contains a directory for each agent.
   * @param replacements paths of the recorded run with those of the current run.
   */
  static async open(
    directory: string,
    replacements: readonly PathReplacement[],
  ): Promise<RecordingSource> {
    const agents = await readdir(directory, { withFileTypes: true });
    const replies = await Promise.all(
      agents
        .filter((entry) => entry.isDirectory())
        .map(async ({ name }) => [name, await readAgent(join(directory, name))] as const),
    );
    return new RecordingSource(new Map(replies), replacements);
  }

  /** The first deviation of each agent. */
  get deviations(): readonly string[] {
    return [...this.#deviations.values()];
  }

  async reply({ agent, request }: Asked): Promise<Reply> {
    const recorded = this.#replies.get(agent) ?? [];
    const index = this.#next.get(agent) ?? positionOf(recorded, request.messages.length);
    const found = recorded[index];
    const last = recorded.at(-1)?.reply;
    // An agent may take one turn more than in the recorded run, for mail that arrived a moment later.
    if (found === undefined && last !== undefined && endsTurn(last)) {
      return replacePaths(last, this.#replacements);
    }
    if (found === undefined) {
      const message = `the recording has ${recorded.length} replies for ${agent}; this is request ${index + 1}`;
      this.#addDeviation(agent, message);
      return mistakeReply(message);
    }
    const trace = traceOf(request.sent, (text) => restorePaths(text, this.#replacements));
    this.#compare(agent, index, found, request.model, trace);
    if (isTooEarly(found, trace.heard)) {
      this.#next.set(agent, index);
      return idleReply(request.messages.length);
    }
    const given = skipIdleReplies(recorded, index, trace.heard);
    this.#next.set(agent, given + 1);
    return replacePaths(recorded[given]?.reply ?? found.reply, this.#replacements);
  }

  /** Compares the first request for which a reply is due. The agent asks again if the reply came too early. */
  #compare(
    agent: string,
    index: number,
    { meta }: Recorded,
    model: string,
    trace: RequestTrace,
  ): void {
    if (index < (this.#compared.get(agent) ?? 0)) return;
    this.#compared.set(agent, index + 1);
    const why = difference(model, trace, meta.request);
    if (why !== undefined) {
      this.#addDeviation(agent, `request ${index + 1} of ${agent} differs: ${why}`);
    }
  }

  #addDeviation(agent: string, description: string): void {
    if (!this.#deviations.has(agent)) this.#deviations.set(agent, description);
  }
}

/** Ends a turn whose next reply is not due yet. */
function idleReply(messages: number): ModelReply {
  const content = [{ type: 'text', text: 'I wait for my teammates.' } as const];
  const usage = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  return { kind: 'model', id: `msg_waiting_${messages}`, content, usage, delayMs: 0 };
}

/**
 * Describes how a request differs from the recorded one, apart from differences that vary between runs of
 * the same team.
 */
function difference(
  model: string,
  { prompt, answers }: RequestTrace,
  recorded: RecordingMeta['request'],
): string | undefined {
  if (recorded.model !== undefined && recorded.model !== model) {
    return `it is for ${model}, but the recorded request was for ${recorded.model}`;
  }
  if (recorded.trace === undefined) return undefined;
  if (prompt !== recorded.trace.prompt) return 'its prompt has changed';
  const other = answers.find(({ digest }, at) => digest !== recorded.trace?.answers[at]?.digest);
  if (other !== undefined) return `the result of ${other.tool} has changed`;
  return answers.length < recorded.trace.answers.length ? 'it has fewer tool results' : undefined;
}

/**
 * The position of an agent whose earlier requests were served by another process: the first recorded
 * request with the same number of messages.
 */
function positionOf(recorded: readonly Recorded[], messages: number): number {
  const found = recorded.findIndex(({ meta }) => meta.request.messages === messages);
  return Math.max(0, found);
}

async function readAgent(directory: string): Promise<readonly Recorded[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith(META_SUFFIX));
  const recorded = await Promise.all(files.map((file) => readRecorded(directory, file)));
  return recorded.toSorted((a, b) => a.meta.number - b.meta.number);
}
