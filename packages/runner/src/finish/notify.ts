import { readFile } from 'node:fs/promises';
import {
  ENV,
  type FinishSpec,
  isWantedEvent,
  PATHS,
  type TeamLive,
  under,
} from '@agentteam/contract';
import { deliver, endNotification, readAllowPrivate, readProxies } from '@agentteam/notify';
import { textFor } from '@agentteam/text';
import { readRoster } from '@agentteam/volume';
import type { Delivery } from '../deliver/delivery.ts';
import type { Claim } from '../step/claim.ts';
import { complain, say } from '../step/say.ts';
import { type Failure, lastOf } from './failures.ts';
import type { Outcome } from './outcome.ts';

/** Of one reason in the notification's message: its data has all of it. */
const REASON_LENGTH = 300;

/** All that is known of a team that has ended. */
export interface Ended {
  readonly live: TeamLive;
  readonly outcome: Outcome;
  readonly failures: readonly Failure[];
  /** Absent where nothing was delivered. */
  readonly delivery: Delivery | undefined;
  /** Absent where the team has no quality gates, or did not come to them. */
  readonly checks: string | undefined;
}

/**
 * Tells the webhook how the team ended. A webhook that cannot be reached is no reason to call the
 * team's work failed: it is said in the log.
 */
export async function notifyOfEnd(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: FinishSpec,
  { live, outcome, failures, delivery, checks }: Ended,
  signal: AbortSignal,
): Promise<void> {
  const { notify, team, namespace } = spec;
  const { event, phase, reason, words } = outcome;
  if (notify === undefined || !isWantedEvent(event, notify.events)) return;
  const roster = await readRoster(claim.native);
  const { team: _team, at, usd, limit, ...figures } = live;
  const notification = endNotification({
    namespace,
    team,
    // A run has a roster of its own; a retry of it, failures of its own.
    run: `${roster?.createdAt ?? ''} ${lastOf(failures)}`,
    event,
    at,
    summary: [words, ...whyFailed(outcome, live)].join(': '),
    phase,
    reason,
    costUsd: usd,
    ...(limit !== undefined && { budgetUsd: limit }),
    ...delivery,
    ...(checks !== undefined && { checks }),
    ...figures,
  });
  try {
    const secret = notify.signed ? await readSecret(env[ENV.root] ?? '') : undefined;
    const senders = {
      allowPrivate: readAllowPrivate(env[ENV.allowPrivateWebhooks] ?? '') ?? false,
      proxies: readProxies(env),
      ...(secret === undefined ? {} : { secret }),
    };
    await deliver({ kind: 'webhook', url: notify.url }, senders, notification, signal);
    say(`Told ${new URL(notify.url).host}: ${event}`);
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    complain(`The webhook was not told of ${event}: ${why}`);
  }
}

/** Which agents failed a team, and why, the lead first. */
function whyFailed({ reason }: Outcome, { agents }: TeamLive): readonly string[] {
  if (reason !== 'StepFailed') return [];
  const failed = agents.flatMap(({ name, role, phase, message }) =>
    phase === 'failed' && message !== undefined
      ? [`${role === 'lead' ? 'the lead' : name} ${textFor('mail-line', message, REASON_LENGTH)}`]
      : [],
  );
  return failed.length === 0 ? [] : [failed.join('; ')];
}

async function readSecret(root: string): Promise<string> {
  const file = under(root, `${PATHS.credentials}/webhook/secret`);
  return (await readFile(file, 'utf8')).trim();
}
