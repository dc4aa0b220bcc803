import type { AgentTeam } from '@agentteam/api';
import { type Finding, ok, unknown } from './finding.ts';

/** Time limit for a response, in milliseconds. */
const TIMEOUT_MS = 5_000;

/**
 * Checks whether the webhooks of a team answer requests from this machine. Nothing is posted to them.
 * @param send sends a request from this machine.
 */
export async function examineWebhooks(
  { spec }: AgentTeam,
  send: typeof fetch,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const urls = [
    spec.observability?.webhook?.url,
    ...(spec.lifecycle.approvalGates ?? []).map(({ webhookUrl }) => webhookUrl),
  ].filter((url) => url !== undefined);
  return Promise.all([...new Set(urls)].map((url) => examineWebhook(url, send, signal)));
}

async function examineWebhook(
  url: string,
  send: typeof fetch,
  signal: AbortSignal,
): Promise<Finding> {
  const { host } = new URL(url);
  const check = `webhook ${host}`;
  try {
    const response = await send(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return ok(check, `answers requests from this machine with status ${response.status}`);
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    return unknown(
      check,
      `does not answer requests from this machine (${why}); the controller may still reach it`,
      'Private addresses are refused unless AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS is true.',
    );
  }
}
