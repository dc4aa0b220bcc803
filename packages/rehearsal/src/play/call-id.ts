/** The id of a tool call. It is part of the conversation and so records the position in the script. */
export interface CallId {
  /** Index of the turn in the agent's script. */
  readonly turn: number;
  /** Index of the call in the turn. */
  readonly call: number;
  /** From 1. Later attempts repeat a call that failed or was interrupted. */
  readonly attempt: number;
  /** Whether it only checks if an interrupted call took effect. */
  readonly check: boolean;
}

/** For example `toolu_researcher_3_1_1`. Turns and calls count from 1 here, as in messages. */
export function formatCallId(agent: string, { turn, call, attempt, check }: CallId): string {
  return `toolu_${agent}_${turn + 1}_${call + 1}_${attempt}${check ? '_check' : ''}`;
}

/** @returns undefined for a call that is not from this agent's script. */
export function parseCallId(agent: string, id: string): CallId | undefined {
  const prefix = `toolu_${agent}_`;
  if (!id.startsWith(prefix)) return undefined;
  const match = /^(\d+)_(\d+)_(\d+)(_check)?$/.exec(id.slice(prefix.length));
  if (match === null) return undefined;
  const [, turn, call, attempt, check] = match;
  return {
    turn: Number(turn) - 1,
    call: Number(call) - 1,
    attempt: Number(attempt),
    check: check !== undefined,
  };
}
