import { setTimeout as delay } from 'node:timers/promises';
import { suspend } from '@agentteam/local';
import type { PeopleScript, SeenRequest } from '@agentteam/rehearsal';
import { removeTeamPause, sendPersonMessage, writeTeamPause } from '@agentteam/volume';

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
  readonly signal: AbortSignal;
}

/** Plays the people of a rehearsal's script: sends their messages, and pauses and resumes the run. */
export class ScriptedPeople {
  readonly #options: ScriptedPeopleOptions;

  constructor(options: ScriptedPeopleOptions) {
    this.#options = options;
  }

  /** Does what people do when an agent gets this reply. A turn that is played again has no effect twice. */
  async handle({ agent, turn, subagent }: SeenRequest): Promise<void> {
    if (turn === undefined || subagent) return;
    const { messages = [], pauses = [] } = this.#options.people;
    const isNow = ({ after }: { readonly after: { agent: string; turn: number } }): boolean =>
      after.agent === agent && after.turn === turn;
    for (const [index, message] of messages.entries()) {
      if (isNow(message)) await this.#send(index, message);
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
