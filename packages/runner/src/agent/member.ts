import { type AgentSpec, EXIT, LEAD } from '@agentteam/contract';
import {
  addMember,
  inboxDirectory,
  listTasks,
  mailId,
  readAgentStates,
  readInbox,
  readRoster,
  readStopMarker,
  removeMember,
  takeMail,
  updateMember,
} from '@agentteam/volume';
import { StepFailure } from '../step/failure.ts';
import type { Claude } from './claude.ts';
import type { Conversation } from './conversation.ts';
import { COMPLETED, type Ending, TERMINATED } from './ending.ts';
import type { HeldGateway } from './held-gateway.ts';
import { sendIdle } from './idle-notice.ts';
import type { Journal } from './journal.ts';
import { log } from './log.ts';
import { leftOutOf, mailText } from './mail-text.ts';
import { hasEnded, openTasksOf } from './open-tasks.ts';
import type { OwnState } from './own-state.ts';
import type { Places } from './places.ts';
import { allEnded, CUT_OFF, openTasks, PLAN_ACCEPTED } from './prompts.ts';
import { taskList } from './task-list.ts';
import { goOnWithout } from './team-files.ts';
import type { Wake } from './wake.ts';
import type { Worktree } from './worktree.ts';

/** How often an agent is asked to close tasks that it has left open, without any being closed. */
const NUDGES = 3;

export interface MemberParts {
  readonly spec: AgentSpec;
  readonly places: Places;
  readonly journal: Journal;
  readonly conversation: Conversation;
  readonly claude: Claude;
  readonly gateway: HeldGateway;
  readonly state: OwnState;
  readonly worktree: Worktree | undefined;
  readonly wake: Wake;
  readonly signal: AbortSignal;
}

/** A team member at work: brings it its mail, tells others how it is doing, and sees when it is done. */
export class Member {
  readonly #parts: MemberParts;
  #exitCode: number | undefined;
  #turnsSeen = 0;
  #isActive: boolean | undefined;
  #nudges = 0;
  #fewestOpen = Number.POSITIVE_INFINITY;
  /** Of its gateway, before the turn that goes on. */
  #outagesSeen = 0;
  /** Teammates whose work the lead has in its repository. */
  readonly #takenOver = new Set<string>();

  constructor(parts: MemberParts) {
    this.#parts = parts;
  }

  async run(): Promise<Ending> {
    const { places, claude, wake, signal } = this.#parts;
    wake.watch([inboxDirectory(places.native), places.control, places.gateway], signal);
    void claude.exited.then((code) => {
      this.#exitCode = code;
      wake.ring();
    });
    await this.#setActive(true);
    try {
      for (;;) {
        const ending = (await this.#interruption()) ?? (await this.#look());
        if (ending !== undefined) return ending;
        await wake.next(signal);
      }
    } catch (error) {
      if (signal.aborted) return { exitCode: TERMINATED, message: 'told to stop' };
      if (error instanceof StepFailure) return { exitCode: error.exitCode, message: error.message };
      throw error;
    }
  }

  /** What ends a step whatever its agent is doing. */
  async #interruption(): Promise<Ending | undefined> {
    const { places, conversation, signal } = this.#parts;
    if (signal.aborted) return { exitCode: TERMINATED, message: 'told to stop' };
    for (const directory of [places.control, places.gateway]) {
      const marker = await readStopMarker(directory);
      if (marker !== undefined) return { exitCode: EXIT.budget, message: marker.message };
    }
    if (this.#exitCode === undefined) return undefined;
    if (this.#exitCode === 0) {
      // It ends by itself only when it has approved a shutdown. It cannot be asked any more.
      await this.#conclude(async () => {});
      return COMPLETED;
    }
    const words = conversation.last?.isError ? `: ${conversation.last.text}` : '';
    return { exitCode: EXIT.failed, message: `claude left with ${this.#exitCode}${words}` };
  }

  async #look(): Promise<Ending | undefined> {
    await this.#bringMail();
    const { conversation, spec } = this.#parts;
    if (!conversation.idle) return undefined;
    const failure = await this.#turnEnded();
    if (failure !== undefined) return failure;
    if (!conversation.idle) return undefined;
    return spec.role === 'lead' ? this.#leadIdle() : this.#teammateIdle();
  }

  /** Journal first, then strike from the inbox, then say: what a crash interrupts is done again. */
  async #bringMail(): Promise<void> {
    const { spec, places, journal, conversation, state } = this.#parts;
    if (!conversation.isBehind) {
      await takeMail(places.native, spec.name, this.#senders, async (taken) => {
        const known = journal.mailIds;
        const fresh = taken.mail.filter((one) => !known.has(mailId(one)));
        const leftOut = leftOutOf(taken);
        for (const sentence of leftOut) log('mail', sentence);
        await state.leaveOut(leftOut);
        const text = [mailText(fresh), ...leftOut].join('\n\n');
        // What was left out alone is no reason to pay for a turn.
        if (fresh.length > 0) await conversation.record(text, fresh);
      }).catch(goOnWithout);
    }
    await conversation.sayRecorded(async (delivery) => {
      log('mail', `from ${delivery.mail.map(({ from }) => from).join(', ')}`);
      await this.#setActive(true);
    });
  }

  /** Whose mail has a turn of its own: the team's members, and the gateways' warnings. */
  get #senders(): ReadonlySet<string> {
    return new Set([LEAD, 'budget', ...this.#parts.spec.members.map(({ name }) => name)]);
  }

  /** In the roster, which all agents write: mail to a busy one need not wait for its lock. */
  async #setActive(isActive: boolean): Promise<void> {
    if (isActive === this.#isActive) return;
    const { places, spec } = this.#parts;
    await updateMember(places.native, spec.name, { isActive }).catch(goOnWithout);
    this.#isActive = isActive;
  }

  /** Once for each turn that has ended. */
  async #turnEnded(): Promise<Ending | undefined> {
    const { spec, journal, conversation, state, claude } = this.#parts;
    if (conversation.turns === this.#turnsSeen) return undefined;
    this.#turnsSeen = conversation.turns;
    const result = conversation.last;
    await state.turnEnded();
    await this.#setActive(false);
    const wasCutOff = await this.#wasCutOff();
    if (result?.isError && wasCutOff) {
      await conversation.say(CUT_OFF);
      return undefined;
    }
    if (result?.isError) {
      // For the journal the turn goes on: the next attempt has to take it up.
      return { exitCode: EXIT.failed, message: `${result.text} (${result.reason})` };
    }
    await journal.turnEnded(result?.text ?? '');
    if (spec.role === 'teammate') {
      await sendIdle(this.#parts, { idleReason: 'available', result: result?.text ?? '' });
    }
    if (spec.permissionMode === 'plan' && !journal.said(PLAN_ACCEPTED)) {
      claude.setPermissionMode('bypassPermissions');
      await conversation.say(PLAN_ACCEPTED);
    }
    return undefined;
  }

  /** Whether the gateway ended during the turn, and with it the request that was under way. */
  async #wasCutOff(): Promise<boolean> {
    const { gateway } = this.#parts;
    if (gateway.outages === this.#outagesSeen) return false;
    this.#outagesSeen = gateway.outages;
    await gateway.serving();
    return true;
  }

  async #teammateIdle(): Promise<Ending | undefined> {
    const { spec, places, conversation } = this.#parts;
    const waiting = await this.#openTasks();
    if (waiting !== undefined) return waiting.ending;
    await this.#conclude((message) => this.#ask(message));
    // Out of the roster first: from then on mail is refused, and its sender knows.
    const roster = await readRoster(places.native);
    await removeMember(places.native, spec.name).catch(goOnWithout);
    if ((await readInbox(places.native, spec.name)).length === 0) return COMPLETED;
    const entry = roster?.members.find(({ name }) => name === spec.name);
    if (entry !== undefined) await addMember(places.native, entry).catch(goOnWithout);
    await this.#bringMail();
    return conversation.idle ? COMPLETED : undefined;
  }

  /** What a teammate leaves in its worktree is committed, under what it worked on last. */
  async #conclude(ask: (message: string) => Promise<void>): Promise<void> {
    const { spec, places, worktree } = this.#parts;
    if (worktree === undefined || spec.role === 'lead') return;
    const tasks = await listTasks(places.native);
    const own = tasks.filter((task) => task.owner === spec.name);
    await worktree.conclude(own.at(-1)?.subject ?? spec.name, ask);
  }

  async #leadIdle(): Promise<Ending | undefined> {
    const { spec, places, journal, conversation, worktree } = this.#parts;
    const states = await readAgentStates(places.state, this.#members);
    const mates = spec.members.filter(({ role }) => role === 'teammate');
    const ended = mates.flatMap(({ name }) => {
      const state = states.get(name);
      return state !== undefined && hasEnded(state) ? [state] : [];
    });
    await this.#takeOver(ended.map(({ name }) => name));
    if (ended.length < mates.length) return undefined;
    // Once, and once more where a retry has brought other reports.
    const news = allEnded(ended, worktree !== undefined);
    if (!journal.told(news)) {
      await worktree?.consolidate((message) => this.#ask(message));
      await conversation.say(news);
      return undefined;
    }
    const waiting = await this.#openTasks();
    if (waiting !== undefined) return waiting.ending;
    // Once more: what the lead has added since belongs to the result as well.
    await worktree?.consolidate((message) => this.#ask(message));
    await removeMember(places.native, LEAD).catch(goOnWithout);
    return COMPLETED;
  }

  get #members(): readonly string[] {
    return this.#parts.spec.members.map(({ name }) => name);
  }

  /** Lets the lead look at the work of those who have ended. What is wrong with it shows when it is merged. */
  async #takeOver(ended: readonly string[]): Promise<void> {
    for (const name of ended) {
      if (this.#takenOver.has(name)) continue;
      this.#takenOver.add(name);
      await this.#parts.worktree?.takeOver(name).catch((error: unknown) => {
        log('git', String(error));
      });
    }
  }

  /** Asks the agent to close its tasks; undefined: all are. */
  async #openTasks(): Promise<{ readonly ending: Ending | undefined } | undefined> {
    const { spec, places, conversation } = this.#parts;
    const tasks = await listTasks(places.native);
    const { open, ready } = openTasksOf(
      spec.name,
      tasks,
      await readAgentStates(places.state, this.#members),
    );
    if (open.length === 0) return undefined;
    // What blocks the others is somebody else's work: mail or time will tell when it is done.
    if (ready.length === 0) return { ending: undefined };
    if (open.length < this.#fewestOpen) {
      this.#fewestOpen = open.length;
      this.#nudges = 0;
    }
    if (this.#nudges === NUDGES) {
      const message = `left tasks open: ${taskList(ready, ({ id, subject }) => `#${id} ${subject}`)}`;
      return { ending: { exitCode: EXIT.unfinished, message } };
    }
    this.#nudges += 1;
    await conversation.say(openTasks(ready));
    return { ending: undefined };
  }

  /** Gives the agent one more turn, and waits for its end. */
  async #ask(message: string): Promise<void> {
    const { conversation, wake, signal } = this.#parts;
    await conversation.say(message);
    for (;;) {
      const ending = await this.#interruption();
      if (ending !== undefined && ending !== COMPLETED) {
        throw new StepFailure(ending.message ?? '', ending.exitCode as typeof EXIT.failed);
      }
      await this.#bringMail();
      if (conversation.idle || ending !== undefined) break;
      await wake.next(signal);
    }
    const failure = await this.#turnEnded();
    if (failure !== undefined) throw new StepFailure(failure.message ?? '');
  }
}
