import { EXIT, shownName } from '@agentteam/contract';
import {
  answerDirectory,
  inboxDirectory,
  interruptDirectory,
  personMessageDirectory,
  readStopMarker,
  updateMember,
  waitDirectory,
} from '@agentteam/volume';
import { CONNECTION_LOST, PLAN_ACCEPTED } from '../../prompts/resume.ts';
import { StepFailure } from '../../step/failure.ts';
import { errorText } from '../agent-cli.ts';
import { log } from '../log.ts';
import { ProviderStatus } from '../provider-status.ts';
import { type StepResult, TERMINATED } from '../step-result.ts';
import { ignoreBlockedFile } from '../team-files.ts';
import { resultAfterExit } from './completion.ts';
import { readIdleAgent } from './idle.ts';
import { IncomingMail } from './incoming-mail.ts';
import { Interrupts } from './interrupts.ts';
import type { MemberParts } from './parts.ts';
import { recordPersonMessages } from './person-messages.ts';

/** How a process ends that gets SIGKILL. */
const KILLED = 128 + 9;
const OUT_OF_MEMORY =
  'something killed it, most likely because memory ran out. Run fewer agents or programs at the same time, or give the agent more memory (resources)';

/** The session with a running agent: delivers its mail, follows its turns, and sees what ends its step. */
export class Session {
  readonly mail: IncomingMail;
  readonly #parts: MemberParts;
  readonly #provider: ProviderStatus;
  readonly #interrupts: Interrupts;
  #exitCode: number | undefined;
  #turnsSeen = 0;
  #isActive: boolean | undefined;
  /** Outages of the gateway before the current turn. */
  #outagesSeen = 0;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.mail = new IncomingMail(parts);
    this.#interrupts = new Interrupts(parts);
    this.#provider = new ProviderStatus(parts.directories, parts.spec.name);
  }

  async open(): Promise<void> {
    const { spec, directories, process, changes, signal } = this.#parts;
    const { native, control, gateway } = directories;
    const people = personMessageDirectory(control, spec.name);
    const answers = answerDirectory(control, spec.name);
    const inControl = [
      control,
      waitDirectory(control),
      interruptDirectory(control),
      people,
      answers,
    ];
    changes.watch([inboxDirectory(native), ...inControl, gateway], signal);
    void process.exited.then((code) => {
      this.#exitCode = code;
      changes.notify();
    });
    await this.#setActive(true);
  }

  /** Checks what ends a step regardless of what its agent is doing. @returns the result, if anything does. */
  async interruption(): Promise<StepResult | undefined> {
    const { directories, conversation, signal } = this.#parts;
    await this.#provider.refresh();
    if (signal.aborted) return this.stopped();
    for (const directory of [directories.control, directories.gateway]) {
      const marker = await readStopMarker(directory);
      if (marker !== undefined) return { exitCode: EXIT.budget, message: marker.message };
    }
    const { failure } = this.#parts.desk ?? {};
    if (failure !== undefined) return failure;
    const hasFailed = this.#exitCode !== undefined && this.#exitCode !== 0;
    const refusal = await this.#provider.refusal(hasFailed);
    if (refusal !== undefined || this.#exitCode === undefined) return refusal;
    if (this.#exitCode === 0) return resultAfterExit(await readIdleAgent(this.#parts));
    const { lastResult, wasInterrupted } = conversation;
    const error = lastResult?.isError && !wasInterrupted ? `: ${errorText(lastResult)}` : '';
    const message = `the agent's process exited with code ${this.#exitCode}${error}`;
    const isKilled = this.#exitCode === KILLED;
    return { exitCode: EXIT.failed, message: isKilled ? `${message}: ${OUT_OF_MEMORY}` : message };
  }

  /** The result of a step whose container must stop. */
  stopped(): StepResult {
    const { waitText } = this.#provider;
    const message = waitText === '' ? 'was stopped' : `was stopped while ${waitText}`;
    return { exitCode: TERMINATED, message };
  }

  /** Whether the agent's turn has ended, and it does not wait for a person who has interrupted it. */
  get isIdle(): boolean {
    return this.#parts.conversation.isIdle && !this.#interrupts.isWaiting;
  }

  /**
   * Interrupts the agent if a person asked for that. Delivers people's answers and messages, and then
   * other agents' mail.
   */
  async deliverMail(): Promise<void> {
    await this.#interrupts.apply();
    await this.#parts.desk?.collect();
    const isHeld = this.#isInEarlierCall;
    if (!isHeld) await recordPersonMessages(this.#parts);
    await this.#interrupts.expire();
    if (!isHeld && !this.#interrupts.isWaiting) {
      this.#parts.conversation.releaseHeld();
      await this.mail.collect();
    }
    this.#parts.activity?.setInterrupter(this.#interrupts.waitsFor);
    await this.sendRecorded();
  }

  /**
   * Whether the agent was restarted while it waited for an answer, and has done nothing since. Messages then wait
   * for the answer, as they do while the agent is in its call, unless a person interrupts the agent.
   */
  get #isInEarlierCall(): boolean {
    const { desk, conversation } = this.#parts;
    if (desk?.isWaitingForEarlierCall !== true || conversation.turns > 0) return false;
    return !this.#interrupts.isWaiting;
  }

  async sendRecorded(): Promise<void> {
    await this.#parts.conversation.sendRecorded(async ({ mail, person }) => {
      if (person !== undefined) log('person', `message from ${person.by}`);
      if (mail.length > 0)
        log('mail', `from ${mail.map(({ from }) => shownName(from)).join(', ')}`);
      await this.#setActive(true);
    });
  }

  /** Writes to the roster only on a change: all agents write it, and each write waits for its lock. */
  async #setActive(isActive: boolean): Promise<void> {
    if (isActive === this.#isActive) return;
    const { directories, spec } = this.#parts;
    await updateMember(directories.native, spec.name, { isActive }).catch(ignoreBlockedFile);
    this.#isActive = isActive;
  }

  /** Handles the end of a turn, once for each. @returns the step's result if the turn failed. */
  async handleTurnEnd(): Promise<StepResult | undefined> {
    const { spec, journal, conversation, state, process } = this.#parts;
    if (conversation.turns === this.#turnsSeen) return undefined;
    this.#turnsSeen = conversation.turns;
    const result = conversation.lastResult;
    await state.countTurn();
    await this.#setActive(false);
    const lostConnection = await this.#lostConnection();
    if (result?.isError && lostConnection) {
      await conversation.send(CONNECTION_LOST);
      return undefined;
    }
    if (result?.isError && !conversation.wasInterrupted) {
      // The journal has no end of this turn, so that the next attempt continues it.
      const refusal = await this.#provider.refusal(true);
      return (
        refusal ?? { exitCode: EXIT.failed, message: `${errorText(result)} (${result.reason})` }
      );
    }
    await journal.addTurnEnd(result?.text ?? '');
    if (spec.permissionMode === 'plan' && !journal.hasStart(PLAN_ACCEPTED)) {
      process.acceptPlan();
      await conversation.send(PLAN_ACCEPTED);
    }
    return undefined;
  }

  /** Whether the gateway ended during the turn, and the request in progress with it. */
  async #lostConnection(): Promise<boolean> {
    const { gateway } = this.#parts;
    if (gateway.outages === this.#outagesSeen) return false;
    this.#outagesSeen = gateway.outages;
    await gateway.serving();
    return true;
  }

  /**
   * Sends a message and waits until the agent has answered it, even if its turn has to be continued.
   * @throws StepFailure if the step fails meanwhile.
   */
  async ask(message: string): Promise<void> {
    const { conversation, changes, signal } = this.#parts;
    await conversation.send(message);
    for (;;) {
      const interruption = await this.interruption();
      throwFailure(interruption);
      if (interruption !== undefined) return;
      await this.deliverMail();
      if (conversation.isIdle) throwFailure(await this.handleTurnEnd());
      if (this.isIdle) return;
      await changes.next(signal);
    }
  }
}

function throwFailure(result: StepResult | undefined): void {
  if (result === undefined || result.exitCode === EXIT.ok) return;
  throw new StepFailure(result.message ?? '', result.exitCode as typeof EXIT.failed);
}
