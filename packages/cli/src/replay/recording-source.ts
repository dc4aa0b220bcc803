import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asked, MessagesRequest, Reply, ReplySource } from '@agentteam/rehearsal';
import { traceOf } from '@agentteam/volume';
import { type Recorded, type RecordedMeta, readRecorded } from './recorded-reply.ts';
import { asRecorded, type Renamed, renamed } from './renamed.ts';

/**
 * Plays the replies of a recorded run, by agent and in order. A team that has changed since asks
 * for other things than the recorded one did: that is told, and the replies go on in their order.
 */
export class RecordingSource implements ReplySource {
  readonly #replies: ReadonlyMap<string, readonly Recorded[]>;
  readonly #renames: readonly Renamed[];
  readonly #next: Map<string, number> = new Map();
  readonly #departures: Map<string, string> = new Map();

  private constructor(
    replies: ReadonlyMap<string, readonly Recorded[]>,
    renames: readonly Renamed[],
  ) {
    this.#replies = replies;
    this.#renames = renames;
  }

  /**
   * @param directory with a directory for each agent.
   * @param renames places of the recorded run, and what they are in this one.
   */
  static async open(directory: string, renames: readonly Renamed[]): Promise<RecordingSource> {
    const agents = await readdir(directory, { withFileTypes: true });
    const replies = await Promise.all(
      agents
        .filter((entry) => entry.isDirectory())
        .map(async ({ name }) => [name, await readAgent(join(directory, name))] as const),
    );
    return new RecordingSource(new Map(replies), renames);
  }

  /** Where each agent went another way than in the recorded run, if it did: its first request there. */
  get departures(): readonly string[] {
    return [...this.#departures.values()];
  }

  async reply({ agent, request }: Asked): Promise<Reply> {
    const recorded = this.#replies.get(agent) ?? [];
    const index = this.#next.get(agent) ?? positionOf(recorded, request.messages.length);
    const found = recorded[index];
    const last = recorded.at(-1)?.reply;
    // An agent may be woken once more than then: by mail that came a moment later.
    if (found === undefined && last !== undefined && endsTurn(last)) {
      return renamed(last, this.#renames);
    }
    if (found === undefined) {
      const message = `the recording has ${recorded.length} replies for ${agent}; this is request ${index + 1}`;
      this.#depart(agent, message);
      return { kind: 'error', status: 400, type: 'invalid_request_error', message, headers: FINAL };
    }
    this.#next.set(agent, index + 1);
    const why = difference(request, found.meta.request, (text) => asRecorded(text, this.#renames));
    if (why !== undefined) {
      this.#depart(agent, `request ${index + 1} of ${agent} went another way: ${why}`);
    }
    return renamed(found.reply, this.#renames);
  }

  #depart(agent: string, words: string): void {
    if (!this.#departures.has(agent)) this.#departures.set(agent, words);
  }
}

function endsTurn(reply: Reply): boolean {
  return reply.kind === 'model' && reply.content.every(({ type }) => type === 'text');
}

/** In what a request differs from the recorded one, beyond what time and chance make of it. */
function difference(
  { model, sent }: MessagesRequest,
  recorded: RecordedMeta['request'],
  known: (text: string) => string,
): string | undefined {
  if (recorded.model !== undefined && recorded.model !== model) {
    return `it is for ${model}, the recorded one was for ${recorded.model}`;
  }
  if (recorded.trace === undefined) return undefined;
  const { prompt, answers } = traceOf(sent, known);
  if (prompt !== recorded.trace.prompt) return 'its prompt is another';
  const other = answers.find(({ digest }, at) => digest !== recorded.trace?.answers[at]?.digest);
  if (other !== undefined) return `${other.tool} has answered something else`;
  return answers.length < recorded.trace.answers.length ? 'fewer tools have answered' : undefined;
}

/** The CLI does not ask again. */
const FINAL = { 'x-should-retry': 'false' };

/**
 * Where an agent goes on that was asked before this process began: at the reply to a conversation
 * as long as this. A conversation that begins is as long as the first.
 */
function positionOf(recorded: readonly Recorded[], messages: number): number {
  const found = recorded.findIndex(({ meta }) => meta.request.messages === messages);
  return Math.max(0, found);
}

async function readAgent(directory: string): Promise<readonly Recorded[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.meta.json'));
  const recorded = await Promise.all(files.map((file) => readRecorded(directory, file)));
  return recorded.toSorted((a, b) => a.meta.number - b.meta.number);
}
