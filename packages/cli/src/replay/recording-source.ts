import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Asked, Reply, ReplySource } from '@agentteam/rehearsal';
import { type Recorded, readRecorded } from './recorded-reply.ts';
import { type Renamed, renamed } from './renamed.ts';

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
    if (found === undefined) {
      const message = `the recording has ${recorded.length} replies for ${agent}; this is request ${index + 1}`;
      this.#depart(agent, message);
      return { kind: 'error', status: 400, type: 'invalid_request_error', message, headers: FINAL };
    }
    this.#next.set(agent, index + 1);
    const { model = request.model, messages = request.messages.length } = found.meta.request;
    if (model !== request.model) {
      this.#depart(
        agent,
        `request ${index + 1} of ${agent} went another way: it is for ${request.model}, the recorded one was for ${model}`,
      );
    } else if (messages !== request.messages.length) {
      this.#depart(
        agent,
        `request ${index + 1} of ${agent} went another way: it has ${request.messages.length} messages, the recorded one had ${messages}`,
      );
    }
    return renamed(found.reply, this.#renames);
  }

  #depart(agent: string, words: string): void {
    if (!this.#departures.has(agent)) this.#departures.set(agent, words);
  }
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
