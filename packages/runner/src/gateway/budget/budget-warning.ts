import { join } from 'node:path';
import { formatMoney, LEAD, type Money, moneyText } from '@agentteam/contract';
import { type NativeTeam, sendMail, writeJsonOnce } from '@agentteam/volume';
import { budgetWarning } from '../../prompts/team-mail.ts';
import { GATEWAY_SENDER } from '../../step/gateway-access.ts';

export interface BudgetWarning {
  readonly scope: 'team' | 'agent';
  readonly agent: string;
  readonly spent: Money;
  readonly limit: Money;
}

/**
 * Warns the lead by mail that a budget limit is near. The whole team sends one mail for each limit: the
 * gateway that creates a marker file in the control directory sends it.
 * @returns whether this call sent the mail.
 */
export async function warnLead(
  native: NativeTeam,
  control: string,
  { scope, agent, spent, limit }: BudgetWarning,
): Promise<boolean> {
  const subject = scope === 'team' ? 'team' : `agent-${agent}`;
  const marker = join(control, `warned-${subject}-${moneyText(limit)}.json`);
  const at = new Date().toISOString();
  if (!(await writeJsonOnce(marker, { at, spent: moneyText(spent), limit: moneyText(limit) }))) {
    return false;
  }
  const amounts = `${formatMoney(spent)} of ${formatMoney(limit)}`;
  await sendMail(native, LEAD, {
    from: GATEWAY_SENDER,
    ...budgetWarning(scope === 'team' ? undefined : agent, amounts),
  });
  return true;
}
