import {
  LEAD,
  type ProviderReason,
  type ProviderWait,
  providerWaitText,
  type TeamLive,
  utcTime,
} from '@agentteam/contract';
import type { Condition } from './condition.ts';

/** Which agents the provider turns away: the lead as people know it. */
export type ProviderWaits = ReadonlyMap<string, ProviderWait>;

export function providerWaits(totals: TeamLive | undefined): ProviderWaits {
  const found = (totals?.agents ?? []).flatMap(({ name, waiting }) =>
    waiting === undefined ? [] : [[name === LEAD ? 'lead' : name, waiting] as const],
  );
  return new Map(found);
}

/** `waiting for the API: usage limit, until 2026-11-29 14:00:00 UTC` */
export function waitText(wait: ProviderWait): string {
  return `waiting for the API: ${providerWaitText(wait, utcTime)}`;
}

/** A sentence for each reason, with those who wait for it; empty where nobody waits. */
export function waitSentences(waits: ProviderWaits, verb: 'are' | 'were'): string {
  const names = new Map<string, string[]>();
  for (const [name, wait] of waits) {
    const words = `for the API: ${providerWaitText(wait, utcTime)}`;
    names.set(words, [...(names.get(words) ?? []), name]);
  }
  return [...names]
    .map(([words, who]) => {
      const one = verb === 'are' ? 'is' : 'was';
      return `${who.join(', ')} ${who.length === 1 ? one : verb} waiting ${words}.`;
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
 * The condition `WaitingForProvider`, from the first wait on.
 * @param before whether there has been a wait.
 * @param at when the figures were made that show no wait any more.
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

function wholeSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** A shorter wait is over before anybody has read of it. */
const WORTH_TELLING_MS = 10_000;

/** What people are told of a team that waits for the provider. */
export interface WaitBriefing {
  /** Since when the first agent waits, ISO 8601: the same as long as one of them does. */
  readonly at: string;
  readonly summary: string;
  readonly agents: readonly (Pick<ProviderWait, 'reason' | 'since' | 'until'> & {
    readonly agent: string;
  })[];
}

/** @returns undefined where nobody waits, or not for long. */
export function waitBriefing(totals: TeamLive | undefined): WaitBriefing | undefined {
  const waits = providerWaits(totals);
  const all = [...waits.values()];
  const since = Math.min(...all.map((wait) => Date.parse(wait.since)));
  const until = Math.max(...all.map((wait) => Date.parse(wait.until)));
  if (all.length === 0 || until - since < WORTH_TELLING_MS) return undefined;
  return {
    at: wholeSeconds(new Date(since).toISOString()),
    summary: waitSentences(waits, 'are'),
    agents: [...waits].map(([agent, { reason, since, until }]) => ({
      ...{ agent, reason, since, until },
    })),
  };
}
