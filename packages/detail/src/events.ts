import { type EventDetail, MOST_EVENTS } from './detail.ts';
import type { GateDetail, StepDetail } from './step-detail.ts';

/** Derives what happened from the steps and the decisions on gates, the newest last. */
export function eventsOf(
  steps: readonly StepDetail[],
  gates: readonly GateDetail[],
): readonly EventDetail[] {
  const ofSteps = steps.flatMap((step): readonly EventDetail[] => {
    const { name, title, agent, kind, startedAt, endedAt, state, message } = step;
    const about = { step: name, ...(agent !== undefined && { agent }) };
    const why = message === undefined ? '' : `: ${message}`;
    return [
      ...(startedAt === undefined
        ? []
        : [
            kind === 'gate'
              ? { ...about, at: startedAt, kind: 'gate-opened' as const, text: `${title} is open` }
              : {
                  ...about,
                  at: startedAt,
                  kind: 'step-started' as const,
                  text: `${title} started`,
                },
          ]),
      ...(endedAt === undefined || kind === 'gate'
        ? []
        : [
            {
              ...about,
              at: endedAt,
              kind: 'step-ended' as const,
              text: `${title} ${state === 'failed' ? `failed${why}` : 'ended'}`,
            },
          ]),
    ];
  });
  const ofGates = gates.flatMap(({ event, before, decisions }) =>
    decisions.flatMap(({ at, decision, by, reason }): readonly EventDetail[] =>
      at === undefined
        ? []
        : [{ at, kind: 'gate-decided', step: before, text: decided(event, decision, by, reason) }],
    ),
  );
  return latest([...ofSteps, ...ofGates]);
}

/** Sorts events by time, and keeps the newest {@link MOST_EVENTS}. */
export function latest(events: readonly EventDetail[]): readonly EventDetail[] {
  return events.toSorted((a, b) => a.at.localeCompare(b.at)).slice(-MOST_EVENTS);
}

/** `deliver was approved by ann: looks good` */
export function decided(
  event: string,
  decision: 'approve' | 'reject' | 'timeout',
  by: string | undefined,
  reason: string | undefined,
): string {
  if (decision === 'timeout') return `nobody answered ${event} in time`;
  const who = by === undefined ? '' : ` by ${by}`;
  const why = reason === undefined || reason === '' ? '' : `: ${reason}`;
  return `${event} was ${decision === 'approve' ? 'approved' : 'rejected'}${who}${why}`;
}
