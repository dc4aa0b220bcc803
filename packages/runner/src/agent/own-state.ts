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
import type { AgentDirectories } from './directories.ts';

/** Sentences about dropped mail that a state keeps. A continuing flood repeats them. */
const MAX_LEFT_OUT = 4;

/**
 * Whether an agent's state belongs to different work than its spec asks for: a retry has changed its task, or
 * what it starts from, since it completed.
 * @param work the digest in the spec; absent in the list of members for agents that wait for nobody.
 */
export function isOutdated(state: AgentState, work: string | undefined): boolean {
  return work !== undefined && state.work !== undefined && state.work !== work;
}

/** An agent's own `state.json`, kept up to date. */
export class OwnState {
  readonly #directories: Pick<AgentDirectories, 'ownState' | 'session'>;
  #state: AgentState;
  /** The failure that the agent reported and that ended the previous attempt. */
  readonly previousFailure: AgentReport | undefined;
  /** Whether the agent has worked on something other than its spec asks for now. */
  readonly isWorkChanged: boolean;

  private constructor(
    directories: Pick<AgentDirectories, 'ownState' | 'session'>,
    state: AgentState,
    previousFailure: AgentReport | undefined,
    isWorkChanged: boolean,
  ) {
    this.#directories = directories;
    this.#state = state;
    this.previousFailure = previousFailure;
    this.isWorkChanged = isWorkChanged;
  }

  /**
   * Starts an attempt. It continues the session and the counters of earlier attempts, and keeps the message
   * of the previous failure. A report of an earlier attempt counts, because a crash may have ended that
   * attempt after the report. A reported failure that ended an attempt does not count: the agent is started
   * again to try once more.
   */
  static async begin(
    directories: Pick<AgentDirectories, 'ownState' | 'session'>,
    { name, work }: Pick<AgentSpec, 'name' | 'work'>,
    attempt: number,
  ): Promise<OwnState> {
    await mkdir(directories.session, { recursive: true });
    const before = await readStateIn(directories.ownState, name);
    const isRestart = before !== undefined && attempt > before.attempt;
    const isChanged = before !== undefined && isOutdated(before, work);
    // A report on the earlier work does not count for the changed work.
    const reported = isChanged && before.phase === 'completed' ? undefined : before?.reported;
    const hasFailed =
      reported !== undefined && isFailure(reported.outcome) && before?.endedAt !== undefined;
    const state: AgentState = {
      name,
      phase: 'running',
      attempt: Math.max(attempt, before?.attempt ?? 0),
      sessionId: await sessionIdOf(directories),
      startedAt: before?.startedAt ?? new Date().toISOString(),
      turns: before?.turns ?? 0,
      ...(isRestart && before.message !== undefined && { message: before.message }),
      ...(reported !== undefined && !hasFailed && { reported }),
      ...(before?.work !== undefined && { work: before.work }),
      ...(before?.leftOut !== undefined && { leftOut: before.leftOut }),
      ...(before?.repairs !== undefined && { repairs: before.repairs }),
    };
    const own = new OwnState(directories, state, hasFailed ? reported : undefined, isChanged);
    await own.#write();
    return own;
  }

  get value(): AgentState {
    return this.#state;
  }

  async countTurn(): Promise<void> {
    this.#state = { ...this.#state, turns: this.#state.turns + 1 };
    await this.#write();
  }

  /** Adds sentences about what the agent did not get or left behind, for people who look at the team. */
  async addLeftOut(sentences: readonly string[]): Promise<void> {
    const known = this.#state.leftOut ?? [];
    const fresh = sentences.filter((sentence) => !known.includes(sentence));
    if (fresh.length === 0) return;
    this.#state = { ...this.#state, leftOut: [...known, ...fresh].slice(-MAX_LEFT_OUT) };
    await this.#write();
  }

  /** Records a report of the agent; it replaces an earlier one. */
  async setReport(reported: AgentReport): Promise<void> {
    this.#state = { ...this.#state, reported };
    await this.#write();
  }

  /** Removes the agent's report: it has to report again. */
  async removeReport(): Promise<void> {
    const { reported: _, ...state } = this.#state;
    this.#state = state;
    await this.#write();
  }

  /**
   * Adds a sentence about something beside the agent, such as its gateway, that broke or works again.
   * @param earlier the sentence that this one replaces.
   */
  async addRepair(sentence: string, earlier?: string): Promise<void> {
    const others = (this.#state.repairs ?? []).filter((one) => one !== earlier);
    this.#state = { ...this.#state, repairs: [...others, sentence] };
    await this.#write();
  }

  async end(
    phase: AgentPhase,
    outcome: Pick<AgentState, 'report' | 'message' | 'work'>,
  ): Promise<void> {
    const { message: _, ...state } = this.#state;
    this.#state = { ...state, ...outcome, phase, endedAt: new Date().toISOString() };
    await this.#write();
  }

  async #write(): Promise<void> {
    await writeAgentState(this.#directories.ownState, this.#state);
  }
}

/** All attempts of an agent have one session: a new one would not know what the agent has done. */
export async function sessionIdOf({ session }: Pick<AgentDirectories, 'session'>): Promise<string> {
  const path = join(session, 'session.json');
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { id: string }).id;
  } catch {
    const id = randomUUID();
    await writeJson(path, { id });
    return id;
  }
}
