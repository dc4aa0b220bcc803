import type { AgentTeam } from '@agentteam/api';
import { Failure } from '../failure.ts';

/** How long a receiver may take, in milliseconds. */
const PATIENCE = 10_000;

/** What a receiver is told when a gate waits for an approval. */
export interface GateNotice {
  readonly type: 'approval-required';
  readonly team: string;
  readonly namespace: string;
  readonly run: string;
  readonly event: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Tells the receiver of a gate that it waits.
 * @returns `false` where the gate has no webhook.
 * @throws Failure if the receiver does not take it.
 */
export async function notifyGate(
  team: AgentTeam,
  run: string,
  event: string,
  signal: AbortSignal,
): Promise<boolean> {
  const gate = team.spec.lifecycle.approvalGates?.find((candidate) => candidate.event === event);
  if (gate?.channel !== 'webhook' || gate.webhookUrl === undefined) return false;
  const notice: GateNotice = {
    type: 'approval-required',
    team: team.metadata.name,
    namespace: team.metadata.namespace ?? 'default',
    run,
    event,
    at: new Date().toISOString(),
  };
  const problem = await post(gate.webhookUrl, notice, signal);
  if (problem !== undefined) {
    throw new Failure(`the webhook of gate ${event} was not told: ${problem}`);
  }
  return true;
}

async function post(
  url: string,
  notice: GateNotice,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notice),
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
      // An answer elsewhere was not declared by whoever wrote the team.
      redirect: 'error',
    });
    await response.body?.cancel();
    return response.ok ? undefined : `it answered ${response.status}`;
  } catch (error) {
    return (error as Error).message;
  }
}
