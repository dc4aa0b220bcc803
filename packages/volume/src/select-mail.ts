/** What of a message is looked at. */
interface Message {
  readonly from: string;
  readonly text: string;
  readonly summary?: string;
}

/** How much mail may be chosen. */
export interface MailLimits {
  readonly messages: number;
  /** Of their texts together. */
  readonly characters: number;
}

export interface Selection<Mail> {
  /** In their order. */
  readonly chosen: readonly Mail[];
  readonly rest: readonly Mail[];
}

/**
 * Chooses as much mail as the limits allow, the oldest of each sender first, in turns: who sends a
 * thousand messages does not keep others from being heard.
 * @param known names of the team's members. Mail is not signed: under any other name a sender could
 * have as many turns as it likes, so all other names have one turn together.
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
      // One that does not fit waits, and those behind it: the order of a sender's mail is kept.
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
