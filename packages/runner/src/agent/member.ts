import { type AgentSpec, EXIT, LEAD } from '@agentteam/contract';
import {
  addMember,
  inboxDirectory,
  listTasks,
  readAgentStates,
  readInbox,
  readRoster,
  readStopMarker,
  removeMember,
  updateMember,
  waitDirectory,
} from '@agentteam/volume';
import { StepFailure } from '../step/failure.ts';
import { isOutdated } from './changed-work.ts';
import type { Claude } from './claude.ts';
import { Closing, endingOfDeparted, type IdleAgent } from './closing.ts';
import type { Conversation } from './conversation.ts';
import { type Ending, TERMINATED } from './ending.ts';
import { whyNoReport } from './final-text.ts';
import type { HeldGateway } from './held-gateway.ts';
import { sendIdle } from './idle-notice.ts';
import { IncomingMail } from './incoming-mail.ts';
import type { Journal } from './journal.ts';
import { log } from './log.ts';
import { hasEnded, openTasksOf } from './open-tasks.ts';
import type { OwnState } from './own-state.ts';
import type { Places } from './places.ts';
import { allEnded, CUT_OFF, PLAN_ACCEPTED } from './prompts.ts';
import { ProviderNews } from './provider.ts';
import { goOnWithout } from './team-files.ts';
import type { Wake } from './wake.ts';
import type { Worktree } from './worktree.ts';

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
  readonly #provider: ProviderNews;
  #exitCode: number | undefined;
  #turnsSeen = 0;
  #isActive: boolean | undefined;
  #hasToldIdle = false;
  readonly #closing = new Closing();
  readonly #mail: IncomingMail;
  /** Of its gateway, before the turn that goes on. */
  #outagesSeen = 0;
  /** Teammates whose work the lead has in its repository. */
  readonly #takenOver = new Set<string>();

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.#mail = new IncomingMail(parts);
    this.#provider = new ProviderNews(parts.places, parts.spec.name);
  }

  async run(): Promise<Ending> {
    const { places, claude, wake, signal } = this.#parts;
    wake.watch(
      [
        inboxDirectory(places.native),
        places.control,
        waitDirectory(places.control),
        places.gateway,
      ],
      signal,
    );
    void claude.exited.then((code) => {
      this.#exitCode = code;
      wake.ring();
    });
    await this.#setActive(true);
    try {
      for (;;) {
        await this.#provider.look();
        const ending = (await this.#interruption()) ?? (await this.#look());
        if (ending !== undefined) return ending;
        await wake.next(signal);
      }
    } catch (error) {
      if (signal.aborted) return this.#toldToStop();
      if (error instanceof StepFailure) return { exitCode: error.exitCode, message: error.message };
      throw error;
    }
  }

  /** What ends a step whatever its agent is doing. */
  async #interruption(): Promise<Ending | undefined> {
    const { places, conversation, signal } = this.#parts;
    if (signal.aborted) return this.#toldToStop();
    for (const directory of [places.control, places.gateway]) {
      const marker = await readStopMarker(directory);
      if (marker !== undefined) return { exitCode: EXIT.budget, message: marker.message };
    }
    const hasFailed = this.#exitCode !== undefined && this.#exitCode !== 0;
    const refusal = await this.#provider.refusal(hasFailed);
    if (refusal !== undefined || this.#exitCode === undefined) return refusal;
    if (this.#exitCode === 0) {
      // It ends by itself only when it has approved a shutdown. It cannot be asked any more.
      const ending = endingOfDeparted(await this.#idleAgent());
      if (ending.exitCode === EXIT.ok) await this.#conclude(async () => {});
      return ending;
    }
    const words = conversation.last?.isError ? `: ${conversation.last.text}` : '';
    return { exitCode: EXIT.failed, message: `claude left with ${this.#exitCode}${words}` };
  }

  #toldToStop(): Ending {
    const { waitingFor } = this.#provider;
    const message = waitingFor === '' ? 'told to stop' : `told to stop while ${waitingFor}`;
    return { exitCode: TERMINATED, message };
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

  async #bringMail(): Promise<void> {
    await this.#mail.collect();
    await this.#sayRecorded();
  }

  async #sayRecorded(): Promise<void> {
    await this.#parts.conversation.sayRecorded(async ({ mail }) => {
      if (mail.length > 0) log('mail', `from ${mail.map(({ from }) => from).join(', ')}`);
      await this.#setActive(true);
    });
  }

  /** In the roster, which all agents write: mail to a busy one need not wait for its lock. */
  async #setActive(isActive: boolean): Promise<void> {
    if (isActive === this.#isActive) return;
    const { places, spec } = this.#parts;
    await updateMember(places.native, spec.name, { isActive }).catch(goOnWithout);
    this.#isActive = isActive;
  }

  /** Once for each turn that has ended. @returns what a failed turn comes to. */
  async #turnEnded(): Promise<Ending | undefined> {
    const { spec, journal, conversation, state, claude } = this.#parts;
    if (conversation.turns === this.#turnsSeen) return undefined;
    this.#turnsSeen = conversation.turns;
    this.#closing.turnEnded();
    this.#hasToldIdle = false;
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
      const refusal = await this.#provider.refusal(true);
      return refusal ?? { exitCode: EXIT.failed, message: `${result.text} (${result.reason})` };
    }
    await journal.turnEnded(result?.text ?? '');
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
    const closed = await this.#close();
    if (closed?.exitCode !== EXIT.ok) return closed;
    const ending = { ...closed, leadKnows: conversation.leadKnows };
    await this.#conclude((message) => this.#ask(message));
    // Out of the roster first: from then on mail is refused, and its sender knows.
    const roster = await readRoster(places.native);
    await removeMember(places.native, spec.name).catch(goOnWithout);
    if ((await readInbox(places.native, spec.name)).length === 0) return ending;
    const entry = roster?.members.find(({ name }) => name === spec.name);
    if (entry !== undefined) await addMember(places.native, entry).catch(goOnWithout);
    await this.#mail.take();
    await this.#sayRecorded();
    return conversation.idle ? ending : undefined;
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
    const { spec, places, journal, conversation, worktree, state } = this.#parts;
    const states = await readAgentStates(places.state, this.#members);
    const mates = spec.members.filter(({ role }) => role === 'teammate');
    const ended = mates.flatMap(({ name, work }) => {
      const state = states.get(name);
      return state !== undefined && hasEnded(state) && !isOutdated(state, work) ? [state] : [];
    });
    await this.#takeOver(ended.map(({ name }) => name));
    if (ended.length < mates.length) return undefined;
    // The lead is told how they ended in one message.
    this.#mail.ignoreEndOf(ended.map(({ name }) => name));
    // Once, and once more where a retry has brought other reports.
    const news = allEnded(ended, worktree !== undefined);
    if (!journal.told(news)) {
      await worktree?.consolidate((message) => this.#ask(message));
      // What was reported before was not about this.
      await state.reopen();
      // In one turn with the mail that waits.
      await this.#mail.take();
      await conversation.record(news, []);
      await this.#sayRecorded();
      return undefined;
    }
    const ending = await this.#close();
    if (ending === undefined) return undefined;
    if (ending.exitCode !== EXIT.ok) {
      // People get at what there is. Nothing depends on it.
      await worktree?.consolidate(async () => {}).catch((error) => log('git', String(error)));
      return ending;
    }
    // Once more: what the lead has added since belongs to the result as well.
    await worktree?.consolidate((message) => this.#ask(message));
    await removeMember(places.native, LEAD).catch(goOnWithout);
    return ending;
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

  /** Asks the agent what it has to answer before it may end. @returns how it ends, once it does. */
  async #close(): Promise<Ending | undefined> {
    const { conversation, wake } = this.#parts;
    const step = this.#closing.next(await this.#idleAgent(), performance.now());
    switch (step.kind) {
      case 'end':
        return step.ending;
      case 'ask':
        await conversation.say(step.message);
        return undefined;
      case 'wait':
        if (step.ms !== undefined) wake.after(step.ms);
        await this.#tellIdle();
        return undefined;
    }
  }

  /** Tells the lead, once after each turn, that a teammate waits for something. */
  async #tellIdle(): Promise<void> {
    const { spec, conversation } = this.#parts;
    if (this.#hasToldIdle || spec.role === 'lead') return;
    this.#hasToldIdle = true;
    const result = conversation.last?.text ?? '';
    await sendIdle(this.#parts, { idleReason: 'available', result, quiet: true });
  }

  async #idleAgent(): Promise<IdleAgent> {
    const { spec, places, conversation, state } = this.#parts;
    const [tasks, states] = await Promise.all([
      listTasks(places.native),
      readAgentStates(places.state, this.#members),
    ]);
    return {
      role: spec.role,
      reported: state.value.reported,
      ...openTasksOf(spec.name, tasks, states),
      background: conversation.background,
      noReport: whyNoReport(conversation.last ?? {}),
    };
  }

  /** Gives the agent one more turn, and waits for its end: a turn that was cut off goes on. */
  async #ask(message: string): Promise<void> {
    const { conversation, wake, signal } = this.#parts;
    await conversation.say(message);
    for (;;) {
      const ending = await this.#interruption();
      refuseFailure(ending);
      await this.#bringMail();
      if (conversation.idle || ending !== undefined) refuseFailure(await this.#turnEnded());
      if (conversation.idle || ending !== undefined) return;
      await wake.next(signal);
    }
  }
}

/** @throws StepFailure with the exit code and the words of an ending that is a failure. */
function refuseFailure(ending: Ending | undefined): void {
  if (ending === undefined || ending.exitCode === EXIT.ok) return;
  throw new StepFailure(ending.message ?? '', ending.exitCode as typeof EXIT.failed);
}
