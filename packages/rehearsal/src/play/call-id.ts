/** The id of a tool call: it travels with the conversation, and so does where the script stands. */
export interface CallId {
  /** Index of the turn in the agent's script, and of the call in the turn. */
  readonly turn: number;
  readonly call: number;
  /** From 1; later ones repeat a call that failed or was interrupted. */
  readonly attempt: number;
  /** Not the call itself: it looks whether an interrupted one took effect. */
  readonly check: boolean;
}

/** `toolu_researcher_3_1_1`; turns and calls count from 1 there, as in messages to people. */
export function formatCallId(agent: string, { turn, call, attempt, check }: CallId): string {
  return `toolu_${agent}_${turn + 1}_${call + 1}_${attempt}${check ? '_check' : ''}`;
}

/** @returns `undefined` for a call that this agent's script did not make. */
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
