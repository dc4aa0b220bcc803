import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ActivityKind } from '@agentteam/contract';
import { suspend } from '@agentteam/local';
import type { PeopleScript, SeenRequest } from '@agentteam/rehearsal';
import {
  readAgentActivities,
  removeTeamPause,
  requestInterrupt,
  sendPersonMessage,
  waitInDirectory,
  writeTeamPause,
} from '@agentteam/volume';

/** Name of a person whom the script does not name. */
const PERSON = 'rehearsal';

export interface ScriptedPeopleOptions {
  readonly people: PeopleScript;
  /** Names of the team's agents. */
  readonly agents: readonly string[];
  /** Directory of the run. */
  readonly directory: string;
  /** The team's control directory. */
  readonly control: string;
  /** The states of the team's agents. */
  readonly state: string;
  readonly signal: AbortSignal;
}

/** Plays the people of a rehearsal's script: their messages, their interrupts and their pauses. */
export class ScriptedPeople {
  readonly #options: ScriptedPeopleOptions;
  /** Indices of the interrupts that have begun. */
  readonly #interrupts = new Set<number>();

  constructor(options: ScriptedPeopleOptions) {
    this.#options = options;
  }

  /** Does what people do when an agent gets this reply. A turn that is played again has no effect twice. */
  async handle({ agent, turn, subagent }: SeenRequest): Promise<void> {
    if (turn === undefined || subagent) return;
    const { messages = [], interrupts = [], pauses = [] } = this.#options.people;
    const isNow = ({ after }: { readonly after: { agent: string; turn: number } }): boolean =>
      after.agent === agent && after.turn === turn;
    for (const [index, message] of messages.entries()) {
      if (isNow(message)) await this.#send(index, message);
    }
    for (const [index, interrupt] of interrupts.entries()) {
      if (isNow(interrupt)) this.#interrupt(index, interrupt);
    }
    for (const pause of pauses) if (isNow(pause)) await this.#pause(pause);
  }

  async #send(
    index: number,
    { to, text, by = PERSON }: NonNullable<PeopleScript['messages']>[number],
  ): Promise<void> {
    const { agents, control } = this.#options;
    const id = `rehearsal-${String(index).padStart(4, '0')}`;
    for (const agent of to === undefined ? agents : [to]) {
      await sendPersonMessage(control, agent, { id, by, text });
    }
  }

  /**
   * Interrupts the turn when one of its tools runs: an interrupted reply would be asked for again. Sends the message
   * when the agent waits for it.
   */
  #interrupt(
    index: number,
    { after: { agent }, text, by = PERSON }: NonNullable<PeopleScript['interrupts']>[number],
  ): void {
    if (this.#interrupts.has(index)) return;
    this.#interrupts.add(index);
    const { control } = this.#options;
    const id = `rehearsal-interrupt-${String(index).padStart(4, '0')}`;
    const repliedAt = Date.now();
    void this.#until(agent, 'tool', repliedAt)
      .then(() => requestInterrupt(control, agent, by, id))
      .then(() => this.#until(agent, 'interrupted', repliedAt))
      .then(() => sendPersonMessage(control, agent, { id, by, text }))
      // The run has ended first, or was interrupted.
      .catch(() => {});
  }

  /** Resolves when an agent does this, and has not done it since before a time. */
  async #until(agent: string, kind: ActivityKind, after: number): Promise<void> {
    const { state, signal } = this.#options;
    const isNow = async () => {
      const activity = (await readAgentActivities(state, [agent])).get(agent);
      return (activity?.kind === kind && Date.parse(activity.since) >= after) || undefined;
    };
    await waitInDirectory(join(state, agent), isNow, { signal });
  }

  /** The pause holds the agents' next requests; the reply that is being sent arrives in full. */
  async #pause({ forMs, by = PERSON }: NonNullable<PeopleScript['pauses']>[number]): Promise<void> {
    const { control, directory, signal } = this.#options;
    if (!(await writeTeamPause(control, by))) return;
    suspend(directory, true);
    void delay(forMs, undefined, { signal })
      .then(async () => {
        suspend(directory, false);
        await removeTeamPause(control);
      })
      // The run was interrupted: `agentteam resume` ends the pause.
      .catch(() => {});
  }
}
