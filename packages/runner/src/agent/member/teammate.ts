import { EXIT } from '@agentteam/contract';
import { addMember, listTasks, readInbox, readRoster, removeMember } from '@agentteam/volume';
import type { StepResult } from '../step-result.ts';
import { ignoreBlockedFile } from '../team-files.ts';
import { IdleCheck } from './idle.ts';
import type { MemberParts } from './parts.ts';
import { recordPersonMessages } from './person-messages.ts';
import type { MemberRole } from './role.ts';
import type { Session } from './session.ts';

/** A teammate: its step ends when its own work is done. */
export class Teammate implements MemberRole {
  readonly #parts: MemberParts;
  readonly #session: Session;
  readonly #idleCheck: IdleCheck;

  constructor(parts: MemberParts, session: Session) {
    this.#parts = parts;
    this.#session = session;
    this.#idleCheck = new IdleCheck(parts);
  }

  async whenIdle(): Promise<StepResult | undefined> {
    const { spec, directories, conversation } = this.#parts;
    const { native } = directories;
    const checked = await this.#idleCheck.next();
    if (checked?.exitCode !== EXIT.ok) return checked;
    const result = { ...checked, leadIsInformed: conversation.leadIsInformed };
    await this.#concludeWork((message) => this.#session.ask(message));
    // The agent leaves the roster first: from then on mail to it is refused, and its sender knows.
    const roster = await readRoster(native);
    await removeMember(native, spec.name).catch(ignoreBlockedFile);
    const hasMessage = await recordPersonMessages(this.#parts);
    if (!hasMessage && (await readInbox(native, spec.name)).length === 0) return result;
    const entry = roster?.members.find(({ name }) => name === spec.name);
    if (entry !== undefined) await addMember(native, entry).catch(ignoreBlockedFile);
    await this.#session.mail.take();
    await this.#session.sendRecorded();
    return conversation.isIdle ? result : undefined;
  }

  /** Commits what is left without asking anything: the process has exited. */
  whenExited(): Promise<void> {
    return this.#concludeWork(async () => {});
  }

  /** Commits what the teammate left in its worktree, with the subject of its last task. */
  async #concludeWork(ask: (message: string) => Promise<void>): Promise<void> {
    const { spec, directories, worktree } = this.#parts;
    if (worktree === undefined) return;
    const tasks = await listTasks(directories.native);
    const own = tasks.filter((task) => task.owner === spec.name);
    await worktree.conclude(own.at(-1)?.subject ?? spec.name, ask);
  }
}
