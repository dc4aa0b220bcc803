import { type AgentSpec, LEAD } from '@agentteam/contract';
import { type Mail, mailId, parseProtocolMail, readInbox, takeMail } from '@agentteam/volume';
import { GATEWAY_SENDER } from '../step/gateway-access.ts';
import type { Conversation } from './conversation.ts';
import type { Journal } from './journal.ts';
import { log } from './log.ts';
import { leftOutOf, mailText } from './mail-text.ts';
import type { OwnState } from './own-state.ts';
import type { Places } from './places.ts';
import { goOnWithout } from './team-files.ts';
import type { Wake } from './wake.ts';

/** Mail that comes within this time of the first is brought to an idle agent together: a turn is paid for. */
const TOGETHER_MS = 300;

export interface MailParts {
  readonly spec: AgentSpec;
  readonly places: Places;
  readonly journal: Journal;
  readonly conversation: Conversation;
  readonly state: OwnState;
  readonly wake: Wake;
}

/** Brings an agent its mail: at the next result of a tool when it is busy, in a new turn when it is idle. */
export class IncomingMail {
  readonly #parts: MailParts;
  #firstSeen: number | undefined;
  #ended: ReadonlySet<string> = new Set();

  constructor(parts: MailParts) {
    this.#parts = parts;
  }

  /** From now on the notices of these agents say nothing new: the agent is told otherwise how they ended. */
  ignoreEndOf(agents: readonly string[]): void {
    this.#ended = new Set(agents);
  }

  /** Takes what waits, unless it had better wait, and records what is to be said of it. */
  async collect(): Promise<void> {
    const { conversation } = this.#parts;
    if (conversation.isBehind) return;
    if (conversation.idle && !(await this.#isDue())) return;
    await this.take();
  }

  /**
   * Takes all that waits, and records what is to be said of it. Journal first, then strike from the
   * inbox, then say: what a crash interrupts is done again.
   */
  async take(): Promise<void> {
    const { spec, places, journal, conversation, state } = this.#parts;
    this.#firstSeen = undefined;
    await takeMail(places.native, spec.name, this.#senders, async (taken) => {
      const delivered = journal.mailIds;
      const fresh = taken.mail.filter((one) => !delivered.has(mailId(one)) && !this.#isKnown(one));
      const leftOut = leftOutOf(taken);
      for (const sentence of leftOut) log('mail', sentence);
      await state.leaveOut(leftOut);
      const text = [mailText(fresh), ...leftOut].join('\n\n');
      // What was left out alone is no reason to pay for a turn.
      if (fresh.length > 0) await conversation.record(text, fresh);
    }).catch(goOnWithout);
  }

  /** Whether an idle agent should be woken now. */
  async #isDue(): Promise<boolean> {
    const { spec, places, wake } = this.#parts;
    const waiting = await readInbox(places.native, spec.name);
    // An inbox that cannot be read looks empty, and is emptied when its mail is taken.
    if (waiting.length === 0) return true;
    if (waiting.every((mail) => isQuiet(mail) || this.#isKnown(mail))) return false;
    const now = performance.now();
    this.#firstSeen ??= now;
    const left = this.#firstSeen + TOGETHER_MS - now;
    if (left > 0) wake.after(left);
    return left <= 0;
  }

  #isKnown({ from, text }: Mail): boolean {
    return this.#ended.has(from) && parseProtocolMail(text)?.type === 'idle_notification';
  }

  /** Whose mail has a turn of its own: the team's members, and the gateways' warnings. */
  get #senders(): ReadonlySet<string> {
    return new Set([LEAD, GATEWAY_SENDER, ...this.#parts.spec.members.map(({ name }) => name)]);
  }
}

function isQuiet({ text }: Mail): boolean {
  const protocol = parseProtocolMail(text);
  return protocol?.type === 'idle_notification' && protocol.quiet === true;
}
