import { join } from 'node:path';
import { LEAD } from '@agentteam/contract';
import { formatMoney, type Money, moneyText } from '@agentteam/ledger';
import { type NativeTeam, sendMail, writeJsonOnce } from '@agentteam/volume';

export interface Warning {
  readonly scope: 'team' | 'agent';
  readonly agent: string;
  readonly spent: Money;
  readonly limit: Money;
}

/**
 * Tells the lead by mail that a limit is near, once per limit for the whole team: the gateway that
 * makes the note in the control directory sends it.
 * @returns whether this call did.
 */
export async function warnLead(
  native: NativeTeam,
  control: string,
  { scope, agent, spent, limit }: Warning,
): Promise<boolean> {
  const subject = scope === 'team' ? 'team' : `agent-${agent}`;
  const note = join(control, `warned-${subject}-${moneyText(limit)}.json`);
  const at = new Date().toISOString();
  if (!(await writeJsonOnce(note, { at, spent: moneyText(spent), limit: moneyText(limit) }))) {
    return false;
  }
  const whose = scope === 'team' ? 'The team' : agent;
  const amounts = `${formatMoney(spent)} of ${formatMoney(limit)}`;
  await sendMail(native, LEAD, {
    from: 'budget',
    summary: `budget: ${amounts} spent`,
    text: `${whose} has spent ${amounts}. At the limit every agent that it holds for is stopped at once. Finish what matters most, and start nothing new that can wait.`,
  });
  return true;
}
