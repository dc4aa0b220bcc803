import { type AgentReport, EXIT, type Role } from '@agentteam/contract';
import type { Task } from '@agentteam/volume';
import {
  askForReport,
  type BackgroundTask,
  backgroundRunning,
  openTasks,
  reportedWithBackground,
  reportedWithOpenTasks,
} from '../../prompts/questions.ts';
import { taskList } from '../../prompts/task-list.ts';
import type { Vocabulary } from '../../prompts/vocabulary.ts';
import { endOfInvalid, failureOf, type InvalidReport } from '../report-tool.ts';
import { COMPLETED, type StepResult } from '../step-result.ts';

/** An agent whose turn has ended. */
export interface IdleAgent {
  readonly role: Role;
  readonly reported: AgentReport | undefined;
  /** Its latest report that was refused, which matters if none was accepted. */
  readonly invalid: InvalidReport | undefined;
  /** Its tasks that are not completed. */
  readonly open: readonly Task[];
  /** Its open tasks that nothing blocks. */
  readonly ready: readonly Task[];
  /** Its background tasks that are running. */
  readonly background: readonly BackgroundTask[];
  /** Why its last text cannot serve as its report; `undefined` if it can. */
  readonly defect: string | undefined;
}

/** What to do with an idle agent. */
export type Decision =
  /** Wait until something changes, at most this long. */
  | { readonly kind: 'wait'; readonly ms?: number }
  | { readonly kind: 'ask'; readonly message: string }
  | { readonly kind: 'end'; readonly result: StepResult };

/** How long an agent is idle before it is asked about its open tasks for the first, second and third time. */
const ASK_AFTER_MS = [0, 5_000, 20_000] as const;
/** How long a background task may run before its agent is asked about it; doubled for each question. */
const BACKGROUND_MS = 10 * 60_000;
const BACKGROUND_QUESTIONS = 3;
/** How long Claude Code may take to start a turn after a background task has ended. */
const WAKE_UP_MS = 2_000;

/** Decides when an agent's step may end, and what the agent is asked before that. One for each attempt. */
export class Completion {
  readonly #vocabulary: Vocabulary;
  #fewestOpen = Number.POSITIVE_INFINITY;
  #taskQuestions = 0;
  #backgroundQuestions = 0;
  #idleSince = Number.POSITIVE_INFINITY;
  #hadBackground = false;
  #wakesUpUntil = 0;
  readonly #asked = new Set<'report' | 'open-tasks' | 'background'>();

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Call when a turn has ended: the agent is idle from now on. */
  turnEnded(): void {
    this.#idleSince = Number.POSITIVE_INFINITY;
    this.#hadBackground = false;
    this.#wakesUpUntil = 0;
  }

  /** @param now milliseconds of a monotonic clock. */
  decide(agent: IdleAgent, now: number): Decision {
    if (this.#idleSince > now) this.#idleSince = now;
    const { reported } = agent;
    const failure = reported && failureOf(reported);
    if (failure !== undefined) return { kind: 'end', result: failure };
    const background = this.#decideOnBackground(agent, now);
    if (background !== undefined) return background;
    return reported === undefined
      ? this.#decideUnreported(agent, now - this.#idleSince)
      : this.#decideReported(agent);
  }

  /** A turn that ends while a background task is running is a pause: the end of the task wakes the agent. */
  #decideOnBackground({ background, reported }: IdleAgent, now: number): Decision | undefined {
    if (background.length === 0) return this.#waitForWakeUp(now);
    this.#hadBackground = true;
    const idleMs = now - this.#idleSince;
    if (reported !== undefined && this.#askOnce('background')) {
      return { kind: 'ask', message: reportedWithBackground(background, this.#vocabulary) };
    }
    const limit = BACKGROUND_MS * 2 ** this.#backgroundQuestions;
    if (idleMs < limit) return { kind: 'wait', ms: limit - idleMs };
    if (reported !== undefined) return undefined;
    if (this.#backgroundQuestions === BACKGROUND_QUESTIONS) {
      return unfinished(`left background tasks running: ${descriptions(background)}`);
    }
    this.#backgroundQuestions += 1;
    return { kind: 'ask', message: backgroundRunning(background, this.#vocabulary) };
  }

  /** The end of a background task starts a turn after a moment. */
  #waitForWakeUp(now: number): Decision | undefined {
    if (this.#hadBackground) this.#wakesUpUntil = now + WAKE_UP_MS;
    this.#hadBackground = false;
    const remaining = this.#wakesUpUntil - now;
    return remaining > 0 ? { kind: 'wait', ms: remaining } : undefined;
  }

  #decideReported({ reported, open, background }: IdleAgent): Decision {
    if (open.length > 0 && this.#askOnce('open-tasks')) {
      return { kind: 'ask', message: reportedWithOpenTasks(open, this.#vocabulary) };
    }
    return completed([
      ...(reported?.outcome === 'nothing-to-do' ? [`had nothing to do: ${reported.reason}`] : []),
      ...(open.length > 0 ? [`reported with open tasks: ${subjects(open)}`] : []),
      ...(background.length > 0
        ? [`left background tasks running, which were stopped: ${descriptions(background)}`]
        : []),
    ]);
  }

  #decideUnreported(agent: IdleAgent, idleMs: number): Decision {
    const { open, ready, defect, invalid } = agent;
    // Other agents have to complete the blocking tasks first; mail or a timer will bring the agent back.
    if (open.length > 0 && ready.length === 0) return { kind: 'wait' };
    if (ready.length > 0) return this.#askAboutTasks(open.length, ready, idleMs);
    if (this.#askOnce('report')) {
      return { kind: 'ask', message: askForReport({ defect, ...invalid }, this.#vocabulary) };
    }
    return { kind: 'end', result: endWithoutReport(agent, UNREPORTED) };
  }

  #askAboutTasks(open: number, ready: readonly Task[], idleMs: number): Decision {
    if (open < this.#fewestOpen) {
      this.#fewestOpen = open;
      this.#taskQuestions = 0;
    }
    const after = ASK_AFTER_MS[this.#taskQuestions];
    if (after === undefined) return unfinished(`left tasks open: ${subjects(ready)}`);
    if (idleMs < after) return { kind: 'wait', ms: after - idleMs };
    this.#taskQuestions += 1;
    return { kind: 'ask', message: openTasks(ready, this.#vocabulary) };
  }

  #askOnce(question: 'report' | 'open-tasks' | 'background'): boolean {
    if (this.#asked.has(question)) return false;
    this.#asked.add(question);
    return true;
  }
}

/** The note on an agent that did not call the report tool although it was asked to. */
const UNREPORTED =
  'ended without a report: it was asked to call the report tool and did not do so validly';

/** The result of an agent whose process has exited, so that it cannot be asked any more. */
export function resultAfterExit(agent: IdleAgent): StepResult {
  const { reported, open } = agent;
  const failure = reported && failureOf(reported);
  if (failure !== undefined) return failure;
  if (open.length > 0) {
    const message = `approved a shutdown with open tasks: ${subjects(open)}`;
    return { exitCode: EXIT.unfinished, message };
  }
  if (reported !== undefined) return COMPLETED;
  const message = 'ended without a report: it approved a shutdown before it reported';
  return endWithoutReport({ ...agent, defect: undefined }, message);
}

/** The lead's report decides the team's outcome. A teammate's step also fails if the agent tried to report a failure. */
function endWithoutReport({ role, defect, invalid }: IdleAgent, why: string): StepResult {
  const end = invalid && endOfInvalid(invalid);
  if (end !== undefined) return end;
  const notes = [
    why,
    ...(invalid === undefined ? [] : [`its report was invalid: ${invalid.problem}`]),
    ...(defect === undefined ? [] : [`its last message ${defect}`]),
  ];
  const message = notes.join('; ');
  return role === 'lead' ? { exitCode: EXIT.unreported, message } : { ...COMPLETED, message };
}

function unfinished(message: string): Decision {
  return { kind: 'end', result: { exitCode: EXIT.unfinished, message } };
}

function completed(notes: readonly string[]): Decision {
  const message = notes.join('; ');
  return { kind: 'end', result: message === '' ? COMPLETED : { ...COMPLETED, message } };
}

function subjects(tasks: readonly Task[]): string {
  return taskList(tasks, ({ id, subject }) => `#${id} ${subject}`);
}

function descriptions(tasks: readonly BackgroundTask[]): string {
  return tasks.map(({ description }) => description).join(', ');
}
