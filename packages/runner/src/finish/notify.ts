import { readFile } from 'node:fs/promises';
import { ENV, type FinishSpec, PATHS, type TeamLive, under } from '@agentteam/contract';
import { type Notification, notificationId, sendNotification } from '@agentteam/notify';
import { readRoster } from '@agentteam/volume';
import type { Claim } from '../step/claim.ts';
import type { Outcome } from './outcome.ts';

/**
 * Tells the webhook how the team ended. A webhook that cannot be reached is no reason to call the
 * team's work failed: it is said in the log.
 */
export async function notifyOfEnd(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: FinishSpec,
  live: TeamLive,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<void> {
  const { notify, team, namespace } = spec;
  if (notify === undefined || !isWanted(outcome.event, notify.events)) return;
  // A run has a roster of its own, so that a team that is run again notifies again.
  const roster = await readRoster(claim.native);
  const notification: Notification = {
    schema: 'agentteam/notification',
    version: 1,
    id: notificationId(namespace, team, String(roster?.createdAt ?? ''), outcome.event),
    event: outcome.event,
    at: live.at,
    team,
    namespace,
    message: `${namespace}/${team} ${outcome.words}`,
    data: live,
  };
  try {
    const secret = notify.signed ? await readSecret(env[ENV.root] ?? '') : undefined;
    const allowPrivate = env[ENV.allowPrivateWebhooks] === 'true';
    const webhook = { url: notify.url, allowPrivate, ...(secret === undefined ? {} : { secret }) };
    await sendNotification(webhook, notification, signal);
    process.stdout.write(`Told ${new URL(notify.url).host}: ${outcome.event}\n`);
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The webhook was not told of ${outcome.event}: ${why}\n`);
  }
}

/** `BudgetExceeded`, `budget-exceeded` and `budgetexceeded` are one event. */
function isWanted(event: string, wanted: readonly string[]): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');
  return wanted.length === 0 || wanted.some((name) => plain(name) === plain(event));
}

async function readSecret(root: string): Promise<string> {
  const file = under(root, `${PATHS.credentials}/webhook/secret`);
  return (await readFile(file, 'utf8')).trim();
}
