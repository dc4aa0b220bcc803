import { readTime } from '../values/time.ts';
import { isRecord, plainText } from '../values/untrusted.ts';

/**
 * What an agent can be doing. `thinking`: the model replies. `tool`: a tool runs. `waiting-provider`: the
 * provider rejects the agent's requests. `waiting-mail`: the agent's turn has ended, and mail starts the
 * next one. `waiting-answer`: the agent has asked a person. `interrupted`: a person has interrupted the agent, which
 * waits for a message of a person. `idle`: nothing of these, for example while its process starts.
 */
const ACTIVITY_KINDS = [
  'tool',
  'thinking',
  'waiting-provider',
  'waiting-mail',
  'waiting-answer',
  'interrupted',
  'idle',
] as const;
export type ActivityKind = (typeof ACTIVITY_KINDS)[number];

/**
 * What an agent is doing now: `activity.json` beside its state, and part of its figures. It is shown outside
 * the pod, so it names a tool and what the tool works on, and never contains a prompt or a whole command.
 */
export interface AgentActivity {
  readonly kind: ActivityKind;
  /** `Edit src/app.ts`, `Bash npm`, `usage limit`, the name of a person. Empty if the kind says everything. */
  readonly text: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Characters of {@link AgentActivity.text}. */
export const LONGEST_ACTIVITY = 120;

/** Shortens the text to one line. @returns undefined if the value is not a valid {@link AgentActivity}. */
export function toActivity(value: unknown): AgentActivity | undefined {
  if (!isRecord(value)) return undefined;
  const { text } = value;
  const kind = ACTIVITY_KINDS.find((known) => known === value['kind']);
  const since = readTime(value['since']);
  if (kind === undefined || since === undefined || typeof text !== 'string') return undefined;
  return { kind, text: activityText(text), since };
}

/** Prepares a text for {@link AgentActivity.text}. */
export function activityText(text: string): string {
  // A flood is cut before it is searched.
  const some = text.slice(0, 10 * LONGEST_ACTIVITY).replace(/\s+/g, ' ');
  return plainText(some.trim(), LONGEST_ACTIVITY);
}
