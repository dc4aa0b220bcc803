import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentPhase, AgentState } from '@agentteam/contract';
import { readStateIn, writeAgentState, writeJson } from '@agentteam/volume';
import type { Places } from './places.ts';

/** A flood that goes on says the same again and again. */
const MOST_LEFT_OUT = 4;

/** An agent's own `state.json`, kept current. */
export class OwnState {
  readonly #places: Places;
  #state: AgentState;

  private constructor(places: Places, state: AgentState) {
    this.#places = places;
    this.#state = state;
  }

  /**
   * Starts an attempt: the session and what earlier attempts counted go on, and it is still known
   * why the one before it failed.
   */
  static async begin(places: Places, name: string, attempt: number): Promise<OwnState> {
    await mkdir(places.session, { recursive: true });
    const before = await readOwnState(places, name);
    const isRestart = before !== undefined && attempt > before.attempt;
    const state: AgentState = {
      name,
      phase: 'running',
      attempt: Math.max(attempt, before?.attempt ?? 0),
      sessionId: await sessionIdOf(places),
      startedAt: before?.startedAt ?? new Date().toISOString(),
      turns: before?.turns ?? 0,
      ...(isRestart && before.message !== undefined && { message: before.message }),
      ...(before?.leftOut !== undefined && { leftOut: before.leftOut }),
      ...(before?.repairs !== undefined && { repairs: before.repairs }),
    };
    const own = new OwnState(places, state);
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

  /**
   * Notes that something beside the agent broke, or that it works again.
   * @param earlier what was noted when it broke, which this replaces.
   */
  async noteRepair(sentence: string, earlier?: string): Promise<void> {
    const others = (this.#state.repairs ?? []).filter((one) => one !== earlier);
    this.#state = { ...this.#state, repairs: [...others, sentence] };
    await this.#write();
  }

  async end(phase: AgentPhase, words: { report?: string; message?: string }): Promise<void> {
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
