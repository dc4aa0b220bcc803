import type { Notice } from '@agentteam/contract';
import type { AgentRow, GateRow, RowState, StepRow, TeamView } from './team-view.ts';

/** A change between two states of a team. Fields are part of the JSON output. */
export type Change =
  | { readonly event: 'phase'; readonly phase: string }
  | {
      readonly event: 'step';
      readonly step: string;
      readonly state: RowState;
      readonly detail: string;
    }
  | {
      readonly event: 'restart';
      readonly step: string;
      readonly restarts: number;
      readonly why: string;
    }
  | {
      readonly event: 'tasks';
      readonly step: string;
      readonly completed: number;
      readonly total: number;
    }
  | {
      /** The provider of the model temporarily rejects the agent's requests. */
      readonly event: 'waiting';
      readonly step: string;
      readonly for: string;
      /** When the gateway tries again, ISO 8601. */
      readonly until: string;
    }
  /** The provider accepts the agent's requests again. */
  | { readonly event: 'waited'; readonly step: string }
  | { readonly event: 'gate'; readonly gate: string; readonly before: string }
  | {
      /** An agent asks a person. */
      readonly event: 'question';
      readonly question: string;
      readonly agent: string;
      /** In the agent's words. */
      readonly text: string;
      readonly choices: readonly string[];
    }
  | {
      /** A question waits no longer. Without a person, nobody has answered. */
      readonly event: 'answered';
      readonly question: string;
      readonly by?: string;
      readonly via?: string;
      readonly answer?: string;
    }
  | {
      readonly event: 'notice';
      readonly place: string;
      readonly agent?: string;
      readonly message: string;
    }
  | { readonly event: 'budget'; readonly usd: string; readonly limit: string };

/** Fraction of the budget at which a warning is shown. */
const WARN_AT = 0.8;

/**
 * Lists the changes from one state to the next.
 * @param before undefined for the first state: every step that is not waiting is then a change.
 */
export function changes(before: TeamView | undefined, after: TeamView): readonly Change[] {
  const rows = (view: TeamView | undefined): readonly StepRow[] =>
    view === undefined ? [] : [...view.agents, ...view.after];
  const earlier = new Map(rows(before).map((row) => [row.name, row]));
  const agents = new Map((before?.agents ?? []).map((row) => [row.name, row]));
  const gates = new Set((before?.gates ?? []).map(({ event }) => event));
  return [
    ...(before?.phase === after.phase ? [] : [{ event: 'phase' as const, phase: after.phase }]),
    ...rows(after).flatMap((row) => stepChange(earlier.get(row.name), row)),
    ...after.agents.flatMap((row) => agentChanges(agents.get(row.name), row)),
    ...newNotices(before?.notices ?? [], after.notices),
    ...after.gates.filter(({ event }) => !gates.has(event)).map(gateChange),
    ...questionChanges(before, after),
    ...(nearLimit(after) && !(before !== undefined && nearLimit(before))
      ? [{ event: 'budget' as const, usd: after.usd, limit: after.limit ?? '' }]
      : []),
  ];
}

function stepChange(before: StepRow | undefined, { name, state, detail }: StepRow): Change[] {
  // The gate before a step is a separate change.
  if (state === (before?.state ?? 'waiting') || state === 'asking') return [];
  return [{ event: 'step', step: name, state, detail: state === 'running' ? '' : detail }];
}

function agentChanges(before: AgentRow | undefined, row: AgentRow): Change[] {
  const { name, restarts, restartedFor: why = '', tasks, waiting } = row;
  const waits = waiting?.key !== before?.waiting?.key;
  return [
    ...(restarts > (before?.restarts ?? 0)
      ? [{ event: 'restart' as const, step: name, restarts, why }]
      : []),
    ...(tasks.completed > (before?.tasks.completed ?? 0)
      ? [{ event: 'tasks' as const, step: name, completed: tasks.completed, total: tasks.total }]
      : []),
    // A wait that ends because the step has ended is not a separate change.
    ...(waits && row.state === 'running' ? [waitChange(row)] : []),
  ];
}

function waitChange({ name, waiting }: AgentRow): Change {
  return waiting === undefined
    ? { event: 'waited', step: name }
    : { event: 'waiting', step: name, for: waiting.text, until: waiting.until };
}

/** Lists one new notice for each place and agent. A notice that merely changes is not new. */
function newNotices(before: readonly Notice[], after: readonly Notice[]): Change[] {
  const known = new Set(before.map(keyOf));
  const fresh = new Map(
    after.filter((notice) => !known.has(keyOf(notice))).map((notice) => [keyOf(notice), notice]),
  );
  return [...fresh.values()].map((notice) => ({ event: 'notice', ...notice }));
}

function keyOf({ place, agent = '' }: Notice): string {
  return `${place} ${agent}`;
}

function questionChanges(before: TeamView | undefined, after: TeamView): Change[] {
  const known = new Set((before?.questions ?? []).map(({ id }) => id));
  const settled = new Set((before?.settled ?? []).map(({ id }) => id));
  return [
    // A question that was asked and answered between two states is shown by its answer alone.
    ...after.settled
      .filter(({ id }) => !settled.has(id))
      .map(({ id, ...how }) => ({ event: 'answered' as const, question: id, ...how })),
    ...after.questions
      .filter(({ id }) => !known.has(id))
      .map(({ id, agent, text, choices }) => ({
        event: 'question' as const,
        question: id,
        ...{ agent, text, choices },
      })),
  ];
}

function gateChange({ event, before }: GateRow): Change {
  return { event: 'gate', gate: event, before };
}

/** Uses floating point, because the exact amount does not matter for a warning. */
function nearLimit({ usd, limit }: TeamView): boolean {
  return limit !== undefined && Number(usd) >= WARN_AT * Number(limit);
}
