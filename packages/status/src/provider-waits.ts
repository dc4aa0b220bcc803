import {
  type ProviderReason,
  type ProviderWait,
  providerWaitText,
  shownName,
  type TeamLive,
  utcTime,
  wholeSeconds,
} from '@agentteam/contract';
import type { Condition } from './condition.ts';

/** The agents that wait for the provider, by name. The lead's name here is `lead`. */
export type ProviderWaits = ReadonlyMap<string, ProviderWait>;

export function providerWaits(totals: TeamLive | undefined): ProviderWaits {
  const found = (totals?.agents ?? []).flatMap(({ name, waiting }) =>
    waiting === undefined ? [] : [[shownName(name), waiting] as const],
  );
  return new Map(found);
}

/** `waiting for the API: usage limit, until 2026-11-29 14:00:00 UTC` */
export function waitText(wait: ProviderWait): string {
  return `waiting for the API: ${providerWaitText(wait, utcTime)}`;
}

/** One sentence per reason, with the agents that wait for it. Empty where no agent waits. */
export function waitSentences(waits: ProviderWaits, verb: 'are' | 'were'): string {
  const names = new Map<string, string[]>();
  for (const [name, wait] of waits) {
    const reason = `for the API: ${providerWaitText(wait, utcTime)}`;
    names.set(reason, [...(names.get(reason) ?? []), name]);
  }
  return [...names]
    .map(([reason, agents]) => {
      const singular = verb === 'are' ? 'is' : 'was';
      return `${agents.join(', ')} ${agents.length === 1 ? singular : verb} waiting ${reason}.`;
    })
    .join(' ');
}

const REASONS: Readonly<Record<ProviderReason, string>> = {
  'usage-limit': 'UsageLimit',
  'rate-limit': 'RateLimit',
  'no-credit': 'NoCredit',
  overloaded: 'Overloaded',
  'server-error': 'ServerError',
  'no-connection': 'NoConnection',
  credential: 'CredentialRefused',
};

type WaitCondition = Omit<Condition, 'observedGeneration'>;

/**
 * The condition `WaitingForProvider`. It exists from the first wait on.
 * @param before whether the last status had the condition.
 * @param at time of the figures, for the end of the last wait.
 */
export function waitCondition(
  waits: ProviderWaits,
  before: boolean,
  at: string,
): readonly WaitCondition[] {
  const type = 'WaitingForProvider';
  const [first] = [...waits.values()].toSorted((a, b) => (a.since < b.since ? -1 : 1));
  if (first !== undefined) {
    return [
      {
        type,
        status: 'True',
        reason: REASONS[first.reason],
        message: waitSentences(waits, 'are'),
        lastTransitionTime: wholeSeconds(first.since),
      },
    ];
  }
  if (!before) return [];
  const message = 'No agent is waiting for the API.';
  const since = wholeSeconds(at);
  return [{ type, status: 'False', reason: 'NotWaiting', message, lastTransitionTime: since }];
}

/** Shorter waits are not reported: they would end before anyone reads the message. */
const SHORTEST_REPORTED_MS = 10_000;

/** The wait of a team for the provider, described for people. */
export interface WaitBriefing {
  /** Start of the earliest wait, ISO 8601. */
  readonly at: string;
  /** Sentences for a person. */
  readonly summary: string;
  readonly agents: readonly (Pick<ProviderWait, 'reason' | 'since' | 'until'> & {
    readonly agent: string;
  })[];
}

/** @returns undefined where no agent waits, or only for a short time. */
export function waitBriefing(totals: TeamLive | undefined): WaitBriefing | undefined {
  const waits = providerWaits(totals);
  const all = [...waits.values()];
  const since = Math.min(...all.map((wait) => Date.parse(wait.since)));
  const until = Math.max(...all.map((wait) => Date.parse(wait.until)));
  if (all.length === 0 || until - since < SHORTEST_REPORTED_MS) return undefined;
  return {
    at: wholeSeconds(new Date(since).toISOString()),
    summary: waitSentences(waits, 'are'),
    agents: [...waits].map(([agent, { reason, since, until }]) => ({
      ...{ agent, reason, since, until },
    })),
  };
}
