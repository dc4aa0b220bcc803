import { readTime } from '../values/time.ts';
import { isRecord, plainText } from '../values/untrusted.ts';

/** `pause.json` in `PATHS.control`: a person has paused the team, and gateways hold its agents' requests. */
export interface TeamPause {
  /** Name of the person. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

const LONGEST_NAME = 100;

/** @returns undefined if the value is not a valid {@link TeamPause}. */
export function toTeamPause(value: unknown): TeamPause | undefined {
  if (!isRecord(value)) return undefined;
  const at = readTime(value['at']);
  const by = value['by'];
  if (at === undefined || typeof by !== 'string' || by === '') return undefined;
  return { by: plainText(by, LONGEST_NAME), at };
}
