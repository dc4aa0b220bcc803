import { ANNOTATIONS, type TeamPause, toTeamPause } from '@agentteam/contract';

type Annotations = Readonly<Record<string, string>>;

/** Name of a person whom no webhook and no command has named, as for gates. */
export const UNNAMED = 'annotation';

/** The pause in the annotations of a team or its Workflow; undefined if it is not paused. */
export function pauseIn(annotations: Annotations): TeamPause | undefined {
  try {
    return toTeamPause(JSON.parse(annotations[ANNOTATIONS.pausedBy] ?? 'null'));
  } catch {
    // Without the webhook anybody can write the annotation.
    return undefined;
  }
}

/** Whether a person wants the team to be paused. */
export function isPauseWanted(annotations: Annotations): boolean {
  return annotations[ANNOTATIONS.paused] === 'true';
}

/** Why a value of the annotation `paused` is refused. */
export function pauseProblem(value: string | undefined): string | undefined {
  if (value === undefined || value === 'true' || value === 'false') return undefined;
  return `${ANNOTATIONS.paused} is "${value}": expected "true" to pause the team or "false" to resume it`;
}
