/** The fields of a message that the selection depends on. */
interface Message {
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
}

export interface MailLimits {
  readonly messages: number;
  /** The characters of all texts together. */
  readonly characters: number;
}

export interface Selection<Mail> {
  /** In their original order. */
  readonly chosen: readonly Mail[];
  readonly rest: readonly Mail[];
}

/**
 * Chooses as much mail as the limits allow: one message of each sender in turn, the oldest first. A sender
 * of a thousand messages therefore does not crowd out the others.
 * @param known names of the team's members. Mail is not signed, and a sender could invent names to get more
 *   turns, so all other names share one turn.
 */
export function selectMail<Mail extends Message>(
  mail: readonly Mail[],
  known: ReadonlySet<string>,
  limits: MailLimits,
): Selection<Mail> {
  const queues = new Map<string, Mail[]>();
  for (const one of mail) {
    const sender = known.has(one.from) ? one.from : '';
    const queue = queues.get(sender);
    if (queue === undefined) queues.set(sender, [one]);
    else queue.push(one);
  }
  const chosen = new Set<Mail>();
  let { characters } = limits;
  for (let turn = 0; queues.size > 0; turn += 1) {
    for (const [sender, queue] of queues) {
      const one = queue[turn];
      const length = (one?.text.length ?? 0) + (one?.summary?.length ?? 0);
      // A message that does not fit holds back the sender's later messages, which keeps their order.
      if (one === undefined || length > characters) queues.delete(sender);
      else if (chosen.size === limits.messages) return split(mail, chosen);
      else {
        chosen.add(one);
        characters -= length;
      }
    }
  }
  return split(mail, chosen);
}

function split<Mail>(mail: readonly Mail[], chosen: ReadonlySet<Mail>): Selection<Mail> {
  return {
    chosen: mail.filter((one) => chosen.has(one)),
    rest: mail.filter((one) => !chosen.has(one)),
  };
}
