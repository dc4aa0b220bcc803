import { type AgentSpec, LEAD } from '@agentteam/contract';
import {
  type Journal,
  type Mail,
  mailId,
  parseProtocolMail,
  readInbox,
  takeMail,
} from '@agentteam/volume';
import { describeDroppedMail } from '../../prompts/dropped-mail.ts';
import { GATEWAY_SENDER } from '../../step/gateway-access.ts';
import type { AgentCli } from '../agent-cli.ts';
import type { AgentDirectories } from '../directories.ts';
import { log } from '../log.ts';
import type { OwnState } from '../own-state.ts';
import { ignoreBlockedFile } from '../team-files.ts';
import type { ChangeNotifier } from './change-notifier.ts';
import type { Conversation } from './conversation.ts';

/** An idle agent's first mail waits this long for more, because every turn costs money. */
const WAIT_FOR_MORE_MS = 300;

export interface MailParts {
  readonly cli: Pick<AgentCli, 'formatMail'>;
  readonly spec: AgentSpec;
  readonly directories: AgentDirectories;
  readonly journal: Journal;
  readonly conversation: Conversation;
  readonly state: OwnState;
  readonly changes: ChangeNotifier;
}

/** Takes an agent's mail from its inbox and records it for delivery. */
export class IncomingMail {
  readonly #parts: MailParts;
  #firstSeen: number | undefined;
  #ended: ReadonlySet<string> = new Set();

  constructor(parts: MailParts) {
    this.#parts = parts;
  }

  /** Ignores idle notices of these agents from now on: the agent learns of their end by other means. */
  ignoreNoticesOf(agents: readonly string[]): void {
    this.#ended = new Set(agents);
  }

  /** Takes the waiting mail and records it, unless it should wait longer. */
  async collect(): Promise<void> {
    const { conversation } = this.#parts;
    if (conversation.isBehind) return;
    if (await this.#isDue(conversation.isIdle)) await this.take();
  }

  /**
   * Takes all waiting mail and records it. The mail is written to the journal before it is removed from the
   * inbox, and sent after that, so that a crash in between only repeats a step.
   */
  async take(): Promise<void> {
    const { cli, spec, directories, journal, conversation, state } = this.#parts;
    this.#firstSeen = undefined;
    await takeMail(directories.native, spec.name, this.#senders, async (taken) => {
      const delivered = journal.mailIds;
      const fresh = taken.mail.filter(
        (mail) => !delivered.has(mailId(mail)) && !this.#isKnown(mail),
      );
      const dropped = describeDroppedMail(taken);
      for (const sentence of dropped) log('mail', sentence);
      await state.addLeftOut(dropped);
      const text = [cli.formatMail(fresh), ...dropped].join('\n\n');
      // Dropped mail alone is not worth the cost of a turn.
      if (fresh.length > 0) await conversation.record(text, fresh);
    }).catch(ignoreBlockedFile);
  }

  /**
   * Whether the agent should get the waiting mail now. Quiet mail alone waits even while the agent is busy: the
   * turn may end before it is delivered, and the mail would then start another one.
   */
  async #isDue(isIdle: boolean): Promise<boolean> {
    const { spec, directories, changes } = this.#parts;
    const waiting = await readInbox(directories.native, spec.name);
    // An unreadable inbox also looks empty; taking its mail empties it.
    if (waiting.length === 0) return true;
    if (waiting.every((mail) => isQuiet(mail) || this.#isKnown(mail))) return false;
    if (!isIdle) return true;
    const now = performance.now();
    this.#firstSeen ??= now;
    const remaining = this.#firstSeen + WAIT_FOR_MORE_MS - now;
    if (remaining > 0) changes.notifyAfter(remaining);
    return remaining <= 0;
  }

  #isKnown({ from, text }: Mail): boolean {
    return this.#ended.has(from) && parseProtocolMail(text)?.type === 'idle_notification';
  }

  /** The senders whose mail is chosen separately: the members, and the gateways, which send warnings. */
  get #senders(): ReadonlySet<string> {
    return new Set([LEAD, GATEWAY_SENDER, ...this.#parts.spec.members.map(({ name }) => name)]);
  }
}

function isQuiet({ text }: Mail): boolean {
  const protocol = parseProtocolMail(text);
  return protocol?.type === 'idle_notification' && protocol.quiet === true;
}
