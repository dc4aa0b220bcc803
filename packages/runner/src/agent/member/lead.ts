import { EXIT, LEAD } from '@agentteam/contract';
import { readAgentStates, removeMember } from '@agentteam/volume';
import { allEnded } from '../../prompts/reports.ts';
import { log } from '../log.ts';
import { isOutdated } from '../own-state.ts';
import type { StepResult } from '../step-result.ts';
import { ignoreBlockedFile } from '../team-files.ts';
import { IdleCheck } from './idle.ts';
import { hasEnded } from './open-tasks.ts';
import type { MemberParts } from './parts.ts';
import { recordPersonMessages } from './person-messages.ts';
import type { MemberRole } from './role.ts';
import type { Session } from './session.ts';

/** The lead: its step ends after all teammates have ended and it has reported on their work. */
export class Lead implements MemberRole {
  readonly #parts: MemberParts;
  readonly #session: Session;
  readonly #idleCheck: IdleCheck;
  /** Teammates whose work is in the lead's repository. */
  readonly #takenOver = new Set<string>();

  constructor(parts: MemberParts, session: Session) {
    this.#parts = parts;
    this.#session = session;
    this.#idleCheck = new IdleCheck(parts);
  }

  async whenIdle(): Promise<StepResult | undefined> {
    const { spec, directories, journal, conversation, worktree, state, cli } = this.#parts;
    const ask = (message: string) => this.#session.ask(message);
    const teammates = spec.members.filter(({ role }) => role === 'teammate');
    const names = spec.members.map(({ name }) => name);
    const states = await readAgentStates(directories.state, names);
    const ended = teammates.flatMap(({ name, work }) => {
      const state = states.get(name);
      if (state === undefined || !hasEnded(state)) return [];
      // A changed teammate that completed earlier is repeated. One that failed has failed in this run,
      // perhaps before it got its changed task: earlier failures are `stopped` before a retry.
      return state.phase === 'completed' && isOutdated(state, work) ? [] : [state];
    });
    const endedNames = ended.map(({ name }) => name);
    await this.#takeOver(endedNames);
    if (ended.length < teammates.length) return undefined;
    // The next message tells the lead how all of them ended.
    this.#session.mail.ignoreNoticesOf(endedNames);
    // After a retry the reports differ, and so does the message: the lead gets it again.
    const message = allEnded(ended, worktree !== undefined, cli.vocabulary);
    if (!journal.contains(message)) {
      await worktree?.consolidate(ask);
      // An earlier report was not about this work.
      await state.removeReport();
      conversation.forgetInvalidReport();
      // The lead reads waiting mail in the same turn.
      await this.#session.mail.take();
      await conversation.record(message, []);
      await this.#session.sendRecorded();
      return undefined;
    }
    const result = await this.#idleCheck.next();
    if (result === undefined) return undefined;
    if (result.exitCode !== EXIT.ok) {
      // The work is merged for the people who look at it; nothing depends on that.
      await worktree?.consolidate(async () => {}).catch((error) => log('git', String(error)));
      return result;
    }
    // What the lead has added since the first merge belongs to the result as well.
    await worktree?.consolidate(ask);
    if (await recordPersonMessages(this.#parts)) {
      await this.#session.sendRecorded();
      return undefined;
    }
    await removeMember(directories.native, LEAD).catch(ignoreBlockedFile);
    return result;
  }

  async whenExited(): Promise<void> {}

  /** Fetches the work of teammates that have ended. Problems with it show when it is merged. */
  async #takeOver(ended: readonly string[]): Promise<void> {
    for (const name of ended) {
      if (this.#takenOver.has(name)) continue;
      this.#takenOver.add(name);
      await this.#parts.worktree?.takeOver(name).catch((error: unknown) => {
        log('git', String(error));
      });
    }
  }
}
