import { readFile } from 'node:fs/promises';
import {
  ENV,
  type FinishSpec,
  isWantedEvent,
  PATHS,
  shownName,
  type TeamLive,
  under,
} from '@agentteam/contract';
import { deliver, endNotification, readAllowPrivate, readProxies } from '@agentteam/notify';
import { textFor } from '@agentteam/text';
import { readRoster } from '@agentteam/volume';
import type { Delivery } from '../records/delivery.ts';
import type { Claim } from '../step/claim.ts';
import { explain } from '../step/failure.ts';
import { print, printError } from '../step/print.ts';
import { type Failure, lastOf } from './failures.ts';
import type { Outcome } from './outcome.ts';

/** Characters of one reason in the notification's message. Its data has the whole reason. */
const REASON_LENGTH = 300;

/** What is known about a team that has ended. */
export interface EndedTeam {
  readonly live: TeamLive;
  readonly outcome: Outcome;
  readonly failures: readonly Failure[];
  /** Absent when nothing was delivered. */
  readonly delivery: Delivery | undefined;
  /** Absent when the team has no quality gates, or did not reach them. */
  readonly checks: string | undefined;
}

/**
 * Notifies the webhook of the team's end. If that fails, the error is printed, and the step continues: the
 * team's work has not failed.
 */
export async function notifyOfEnd(
  env: NodeJS.ProcessEnv,
  claim: Claim,
  spec: FinishSpec,
  { live, outcome, failures, delivery, checks }: EndedTeam,
  signal: AbortSignal,
): Promise<void> {
  const { notify, team, namespace } = spec;
  const { event, phase, reason, summary } = outcome;
  if (notify === undefined || !isWantedEvent(event, notify.events)) return;
  const roster = await readRoster(claim.native);
  const { team: _team, at, usd, limit, agents, ...figures } = live;
  const notification = endNotification({
    namespace,
    team,
    // Each run has its own roster, and each retry of it has its own failures.
    run: `${roster?.createdAt ?? ''} ${lastOf(failures)}`,
    event,
    at,
    summary: [summary, ...whyFailed(outcome, live)].join(': '),
    phase,
    reason,
    costUsd: usd,
    ...(limit !== undefined && { budgetUsd: limit }),
    ...delivery,
    ...(checks !== undefined && { checks }),
    ...figures,
    agents: agents.map((agent) => ({ ...agent, name: shownName(agent.name) })),
  });
  try {
    const secret = notify.signed ? await readSecret(env[ENV.root] ?? '') : undefined;
    const senders = {
      allowPrivate: readAllowPrivate(env[ENV.allowPrivateWebhooks] ?? '') ?? false,
      proxies: readProxies(env),
      ...(secret !== undefined && { secret }),
    };
    await deliver({ kind: 'webhook', url: notify.url }, senders, notification, signal);
    print(`Notified ${new URL(notify.url).host} of ${event}`);
  } catch (error) {
    signal.throwIfAborted();
    printError(`The webhook could not be notified of ${event}: ${explain(error)}`);
  }
}

const FAILURES: readonly Outcome['reason'][] = ['StepFailed', 'ReportedFailed', 'ReportedBlocked'];

/** The agents that failed and their reasons, the lead first. */
function whyFailed({ reason }: Outcome, { agents }: TeamLive): readonly string[] {
  if (!FAILURES.includes(reason)) return [];
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
