import { setTimeout as delay } from 'node:timers/promises';
import {
  type ActivityKind,
  type AgentActivity,
  activityText,
  shownTool,
} from '@agentteam/contract';
import { writeAgentActivity } from '@agentteam/volume';
import type { AgentEvent, ToolCall } from './agent-cli.ts';
import { log } from './log.ts';

/** Least milliseconds between two writes. An agent can call hundreds of tools in a second. */
const INTERVAL_MS = 1_000;

/** Records in a file what an agent is doing, for the people who watch the team. */
export class ActivityRecorder {
  readonly #directory: string;
  readonly #cwd: string;
  /** The calls whose results are missing, by id. */
  readonly #calls = new Map<string, AgentActivity>();
  readonly #closing = new AbortController();
  #latest: AgentActivity;
  #written: AgentActivity | undefined;
  #writing: Promise<void> | undefined;
  #background = 0;
  /** Name of the person whose message the agent waits for. */
  #interrupter: string | undefined;

  /**
   * @param directory the agent's own state directory.
   * @param cwd the agent's working directory. Paths in it are shown relative to it.
   */
  constructor(directory: string, cwd: string) {
    this.#directory = directory;
    this.#cwd = cwd;
    this.#latest = activity('idle', 'starting');
    this.#write();
  }

  handle(event: AgentEvent): void {
    const next = this.#next(event);
    if (next === undefined) return;
    const { kind, text } = this.#latest;
    // Two calls of a tool are two activities. A model that has said something thinks on.
    if (next === this.#latest || (kind !== 'tool' && kind === next.kind && text === next.text)) {
      return;
    }
    this.#latest = next;
    this.#write();
  }

  /**
   * Shows whose message the agent waits for once its turn has ended.
   * @param by name of the person who has interrupted it; undefined if it waits for nobody.
   */
  setInterrupter(by: string | undefined): void {
    if (by === this.#interrupter) return;
    this.#interrupter = by;
    // The message that ends the wait starts a turn, which is an event.
    if (by === undefined || !this.#isBetweenTurns) return;
    this.#latest = this.#betweenTurns();
    this.#write();
  }

  /** Shows that an agent whose session goes on has nothing to do. No event tells. */
  continueIdle(): void {
    if (!this.#isBetweenTurns) return;
    this.#latest = this.#betweenTurns();
    this.#write();
  }

  /** Stops recording. Resolves when no more writes follow. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  /** @returns undefined if the event does not change what the agent is doing. */
  #next(event: AgentEvent): AgentActivity | undefined {
    switch (event.type) {
      case 'output':
        for (const part of event.parts) {
          if (part.type === 'tool-call') {
            this.#calls.set(part.id, activity('tool', this.#textOf(part)));
          }
        }
        return this.#current();
      case 'tool-result':
        this.#calls.delete(event.callId);
        return this.#current();
      case 'delivered':
        return this.#current();
      case 'background':
        this.#background = event.tasks.length;
        return this.#isBetweenTurns ? this.#betweenTurns() : undefined;
      case 'turn-ended':
        this.#calls.clear();
        return this.#betweenTurns();
      case 'api-retry':
        return undefined;
    }
  }

  #current(): AgentActivity {
    return [...this.#calls.values()].at(-1) ?? activity('thinking', '');
  }

  get #isBetweenTurns(): boolean {
    return BETWEEN_TURNS.has(this.#latest.kind);
  }

  #betweenTurns(): AgentActivity {
    if (this.#interrupter !== undefined) return activity('interrupted', this.#interrupter);
    const count = this.#background;
    if (count === 0) return activity('waiting-mail', '');
    return activity('idle', `${count} background ${count === 1 ? 'task' : 'tasks'}`);
  }

  #textOf({ name, subject = '' }: ToolCall): string {
    const inside = `${this.#cwd}/`;
    const short = subject.startsWith(inside) ? subject.slice(inside.length) : subject;
    return `${shownTool(name)} ${short}`;
  }

  #write(): void {
    this.#writing ??= this.#writeLatest();
  }

  async #writeLatest(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#written !== this.#latest && !signal.aborted) {
      const next = this.#latest;
      try {
        await writeAgentActivity(this.#directory, next);
      } catch (error) {
        // Nothing depends on this file.
        log('activity', `not recorded: ${String(error)}`);
      }
      this.#written = next;
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
    this.#writing = undefined;
  }
}

const BETWEEN_TURNS: ReadonlySet<ActivityKind> = new Set(['idle', 'waiting-mail', 'interrupted']);

function activity(kind: ActivityKind, text: string): AgentActivity {
  return { kind, text: activityText(text), since: new Date().toISOString() };
}
