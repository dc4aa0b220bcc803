import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentPhase,
  type AgentReport,
  type AgentSpec,
  type AgentState,
  isFailure,
} from '@agentteam/contract';
import { readStateIn, writeAgentState, writeJson } from '@agentteam/volume';
import { isOutdated } from './changed-work.ts';
import type { Places } from './places.ts';

/** A flood that goes on says the same again and again. */
const MOST_LEFT_OUT = 4;

/** An agent's own `state.json`, kept current. */
export class OwnState {
  readonly #places: Places;
  #state: AgentState;
  /** The failure that an earlier attempt ended with, because its agent reported it. */
  readonly failedBefore: AgentReport | undefined;
  /** Whether the agent completed other work before than its spec asks for now. */
  readonly isChanged: boolean;

  private constructor(
    places: Places,
    state: AgentState,
    failedBefore: AgentReport | undefined,
    isChanged: boolean,
  ) {
    this.#places = places;
    this.#state = state;
    this.failedBefore = failedBefore;
    this.isChanged = isChanged;
  }

  /**
   * Starts an attempt: the session and what earlier attempts counted go on, and it is still known
   * why the one before it failed. What the agent has reported counts in the new attempt too, because
   * a crash may have ended the one in which it was said; but not a failure that has ended an attempt:
   * the agent is started again to try once more.
   */
  static async begin(
    places: Places,
    { name, work }: Pick<AgentSpec, 'name' | 'work'>,
    attempt: number,
  ): Promise<OwnState> {
    await mkdir(places.session, { recursive: true });
    const before = await readOwnState(places, name);
    const isRestart = before !== undefined && attempt > before.attempt;
    const isChanged = before !== undefined && isOutdated(before, work);
    // That was said of the work before.
    const reported = isChanged && before.phase === 'completed' ? undefined : before?.reported;
    const hasFailed =
      reported !== undefined && isFailure(reported.outcome) && before?.endedAt !== undefined;
    const state: AgentState = {
      name,
      phase: 'running',
      attempt: Math.max(attempt, before?.attempt ?? 0),
      sessionId: await sessionIdOf(places),
      startedAt: before?.startedAt ?? new Date().toISOString(),
      turns: before?.turns ?? 0,
      ...(isRestart && before.message !== undefined && { message: before.message }),
      ...(reported !== undefined && !hasFailed && { reported }),
      ...(before?.work !== undefined && { work: before.work }),
      ...(before?.leftOut !== undefined && { leftOut: before.leftOut }),
      ...(before?.repairs !== undefined && { repairs: before.repairs }),
    };
    const own = new OwnState(places, state, hasFailed ? reported : undefined, isChanged);
    await own.#write();
    return own;
  }

  get value(): AgentState {
    return this.#state;
  }

  async turnEnded(): Promise<void> {
    this.#state = { ...this.#state, turns: this.#state.turns + 1 };
    await this.#write();
  }

  /** Notes what of its mail the agent did not get, for the people who look at the team. */
  async leaveOut(sentences: readonly string[]): Promise<void> {
    const known = this.#state.leftOut ?? [];
    const fresh = sentences.filter((sentence) => !known.includes(sentence));
    if (fresh.length === 0) return;
    this.#state = { ...this.#state, leftOut: [...known, ...fresh].slice(-MOST_LEFT_OUT) };
    await this.#write();
  }

  /** Records what the agent reports: the latest report counts. */
  async report(reported: AgentReport): Promise<void> {
    this.#state = { ...this.#state, reported };
    await this.#write();
  }

  /** Forgets what the agent has reported: it has to report again. */
  async reopen(): Promise<void> {
    const { reported: _, ...state } = this.#state;
    this.#state = state;
    await this.#write();
  }

  /**
   * Notes that something beside the agent broke, or that it works again.
   * @param earlier what was noted when it broke, which this replaces.
   */
  async noteRepair(sentence: string, earlier?: string): Promise<void> {
    const others = (this.#state.repairs ?? []).filter((one) => one !== earlier);
    this.#state = { ...this.#state, repairs: [...others, sentence] };
    await this.#write();
  }

  async end(
    phase: AgentPhase,
    words: Pick<AgentState, 'report' | 'message' | 'work'>,
  ): Promise<void> {
    const { message: _, ...state } = this.#state;
    this.#state = { ...state, ...words, phase, endedAt: new Date().toISOString() };
    await this.#write();
  }

  async #write(): Promise<void> {
    await writeAgentState(this.#places.ownState, this.#state);
  }
}

/** The state that an earlier attempt left. */
export function readOwnState(places: Places, name: string): Promise<AgentState | undefined> {
  return readStateIn(places.ownState, name);
}

/** One session for all attempts of an agent: a new one would have forgotten what it did. */
export async function sessionIdOf(places: Places): Promise<string> {
  const path = join(places.session, 'session.json');
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { id: string }).id;
  } catch {
    const id = randomUUID();
    await writeJson(path, { id });
    return id;
  }
}
