import type { AgentTeam } from '@agentteam/api';
import { type AllowPrivate, privateTarget } from '@agentteam/notify';

/**
 * Says which webhooks of a team will not be called, because their addresses are private. A name that resolves to
 * such an address is noticed at the call.
 * @returns a sentence for each address.
 */
export function unreachableWebhooks(
  { spec }: AgentTeam,
  allowPrivate: AllowPrivate,
): readonly string[] {
  if (allowPrivate !== false) return [];
  const { approvalGates = [], questions } = spec.lifecycle ?? {};
  const urls = [
    spec.observability?.webhook?.url,
    ...approvalGates.map(({ webhookUrl }) => webhookUrl),
    questions?.webhookUrl,
  ];
  const reasons = urls.flatMap((url) =>
    url !== undefined && URL.canParse(url) ? (privateTarget(new URL(url)) ?? []) : [],
  );
  return [...new Set(reasons)].map(
    (reason) => `A webhook of the team will not be called: ${reason}`,
  );
}
