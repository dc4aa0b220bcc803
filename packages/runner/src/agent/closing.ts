import { type AgentReport, EXIT, type Role } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';
import type { BackgroundTask } from './background.ts';
import { COMPLETED, type Ending } from './ending.ts';
import {
  askForReport,
  backgroundRunning,
  openTasks,
  reportedWithBackground,
  reportedWithOpenTasks,
} from './prompts.ts';
import { failureOf } from './report-tool.ts';
import { taskList } from './task-list.ts';

/** What is known of an agent whose turn has ended. */
export interface IdleAgent {
  readonly role: Role;
  readonly reported: AgentReport | undefined;
  /** Its tasks that are not completed. */
  readonly open: readonly Task[];
  /** Those of them that nothing blocks. */
  readonly ready: readonly Task[];
  /** What it started in the background and still runs. */
  readonly background: readonly BackgroundTask[];
  /** Why its last text is not a report; undefined where it is one. */
  readonly noReport: string | undefined;
}

/** What is to be done with an idle agent. */
export type NextStep =
  /** Wait until something changes, or for so long. */
  | { readonly kind: 'wait'; readonly ms?: number }
  | { readonly kind: 'ask'; readonly message: string }
  | { readonly kind: 'end'; readonly ending: Ending };

/** How long an agent is idle before it is asked about its open tasks: the first, second and third time. */
const ASK_AFTER_MS = [0, 5_000, 20_000] as const;
/** How long a background task may run before its agent is asked about it; twice as long each time. */
const BACKGROUND_MS = 10 * 60_000;
const BACKGROUND_ASKS = 3;
/** How long Claude Code may take to begin a turn when a background task has ended. */
const WAKING_MS = 2_000;

/** Decides when an agent's step may end, and what the agent is asked before. One for each attempt. */
export class Closing {
  #fewestOpen = Number.POSITIVE_INFINITY;
  #asksForTasks = 0;
  #asksForBackground = 0;
  #idleSince = Number.POSITIVE_INFINITY;
  #hadBackground = false;
  #wakesUntil = 0;
  readonly #askedOnce = new Set<'report' | 'open-tasks' | 'background'>();

  /** A turn has ended: the agent is idle from now on. */
  turnEnded(): void {
    this.#idleSince = Number.POSITIVE_INFINITY;
    this.#hadBackground = false;
    this.#wakesUntil = 0;
  }

  /** @param now milliseconds on a clock that never goes back. */
  next(agent: IdleAgent, now: number): NextStep {
    if (this.#idleSince > now) this.#idleSince = now;
    const { reported } = agent;
    const failure = reported && failureOf(reported);
    if (failure !== undefined) return { kind: 'end', ending: failure };
    const atWork = this.#background(agent, now);
    if (atWork !== undefined) return atWork;
    return reported === undefined
      ? this.#unreported(agent, now - this.#idleSince)
      : this.#reported(agent);
  }

  /** A turn that ends while a background task runs is a pause: the task's end wakes the agent. */
  #background({ background, reported }: IdleAgent, now: number): NextStep | undefined {
    if (background.length === 0) return this.#waking(now);
    this.#hadBackground = true;
    const idleMs = now - this.#idleSince;
    if (reported !== undefined && this.#once('background')) {
      return { kind: 'ask', message: reportedWithBackground(background) };
    }
    const limit = BACKGROUND_MS * 2 ** this.#asksForBackground;
    if (idleMs < limit) return { kind: 'wait', ms: limit - idleMs };
    if (reported !== undefined) return undefined;
    if (this.#asksForBackground === BACKGROUND_ASKS) {
      return unfinished(`left background tasks running: ${names(background)}`);
    }
    this.#asksForBackground += 1;
    return { kind: 'ask', message: backgroundRunning(background) };
  }

  /** The end of a background task begins a turn, a moment later. */
  #waking(now: number): NextStep | undefined {
    if (this.#hadBackground) this.#wakesUntil = now + WAKING_MS;
    this.#hadBackground = false;
    const left = this.#wakesUntil - now;
    return left > 0 ? { kind: 'wait', ms: left } : undefined;
  }

  #reported({ reported, open, background }: IdleAgent): NextStep {
    if (open.length > 0 && this.#once('open-tasks')) {
      return { kind: 'ask', message: reportedWithOpenTasks(open) };
    }
    return completed([
      ...(reported?.outcome === 'nothing-to-do' ? [`had nothing to do: ${reported.reason}`] : []),
      ...(open.length > 0 ? [`reported with tasks open: ${described(open)}`] : []),
      ...(background.length > 0
        ? [`left background tasks running, which were stopped: ${names(background)}`]
        : []),
    ]);
  }

  #unreported({ role, open, ready, noReport }: IdleAgent, idleMs: number): NextStep {
    // What blocks the others is somebody else's work: mail or time will tell when it is done.
    if (open.length > 0 && ready.length === 0) return { kind: 'wait' };
    if (ready.length > 0) return this.#askForTasks(open.length, ready, idleMs);
    if (this.#once('report')) return { kind: 'ask', message: askForReport(noReport) };
    const words = [UNREPORTED, ...(noReport === undefined ? [] : [`its last message ${noReport}`])];
    return role === 'lead'
      ? { kind: 'end', ending: { exitCode: EXIT.unreported, message: words.join('; ') } }
      : completed(words);
  }

  #askForTasks(open: number, ready: readonly Task[], idleMs: number): NextStep {
    if (open < this.#fewestOpen) {
      this.#fewestOpen = open;
      this.#asksForTasks = 0;
    }
    const after = ASK_AFTER_MS[this.#asksForTasks];
    if (after === undefined) return unfinished(`left tasks open: ${described(ready)}`);
    if (idleMs < after) return { kind: 'wait', ms: after - idleMs };
    this.#asksForTasks += 1;
    return { kind: 'ask', message: openTasks(ready) };
  }

  #once(question: 'report' | 'open-tasks' | 'background'): boolean {
    if (this.#askedOnce.has(question)) return false;
    this.#askedOnce.add(question);
    return true;
  }
}

/** For an agent that did not call the report tool, although it was asked to. */
export const UNREPORTED =
  'ended without a declaration: it was asked to call the report tool and did not';

/** How an agent ends that cannot be asked any more: its process has left. */
export function endingOfDeparted({ role, reported, open }: IdleAgent): Ending {
  const failure = reported && failureOf(reported);
  if (failure !== undefined) return failure;
  if (open.length > 0) {
    const message = `approved a shutdown with tasks open: ${described(open)}`;
    return { exitCode: EXIT.unfinished, message };
  }
  if (reported !== undefined) return COMPLETED;
  const message = 'ended without a declaration: it approved a shutdown before it reported';
  return role === 'lead' ? { exitCode: EXIT.unreported, message } : { ...COMPLETED, message };
}

function unfinished(message: string): NextStep {
  return { kind: 'end', ending: { exitCode: EXIT.unfinished, message } };
}

function completed(notes: readonly string[]): NextStep {
  const message = notes.join('; ');
  return { kind: 'end', ending: message === '' ? COMPLETED : { ...COMPLETED, message } };
}

function described(tasks: readonly Task[]): string {
  return taskList(tasks, ({ id, subject }) => `#${id} ${subject}`);
}

function names(tasks: readonly BackgroundTask[]): string {
  return tasks.map(({ description }) => description).join(', ');
}
