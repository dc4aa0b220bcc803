import type { AgentTeam } from '@agentteam/api';
import { type Finding, ok, unknown } from './finding.ts';

/** Milliseconds that a receiver may take. */
const PATIENCE = 5_000;

/**
 * Receivers that a team names: whether they answer from here. Nothing is posted to them.
 * @param reach how they are reached from here.
 */
export async function examineWebhooks(
  { spec }: AgentTeam,
  reach: typeof fetch,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const urls = [
    spec.observability?.webhook?.url,
    ...(spec.lifecycle.approvalGates ?? []).map(({ webhookUrl }) => webhookUrl),
  ].filter((url) => url !== undefined);
  return Promise.all([...new Set(urls)].map((url) => examineWebhook(url, reach, signal)));
}

async function examineWebhook(
  url: string,
  reach: typeof fetch,
  signal: AbortSignal,
): Promise<Finding> {
  const { host } = new URL(url);
  const check = `webhook ${host}`;
  try {
    const response = await reach(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
    });
    return ok(check, `answers here (${response.status}); pods must reach it too`);
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    return unknown(
      check,
      `does not answer here: ${why}. Pods may reach it all the same`,
      'Private addresses are refused unless AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS is true.',
    );
  }
}
