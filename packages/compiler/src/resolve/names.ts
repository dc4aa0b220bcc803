import { digest } from '@agentteam/text';

/** Argo copies a Workflow's name into labels (63 characters) and puts it in front of pod names. */
const MAX_WORKFLOW_NAME = 52;

/** The name of a team's Workflow: the team's own name, shortened with a digest where it is too long. */
export function workflowName(team: string): string {
  return shorten(team, MAX_WORKFLOW_NAME);
}

/** The end of the name of every such claim. No team may mount one by its name. */
export const TEAM_CLAIM_END = '-team';

/** The name of the claim that all pods of a team share. */
export function teamClaimName(team: string): string {
  return `${workflowName(team)}${TEAM_CLAIM_END}`;
}

/** The name of the claim for a team's results, where the team does not name one of its own. */
export function outputClaimName(team: string): string {
  return `${workflowName(team)}-output`;
}

/** A DNS label of at most `length` characters. Different names give different labels. */
export function shorten(name: string, length: number): string {
  if (name.length <= length) return name;
  const suffix = digest(name).slice(0, 8);
  const head = name.slice(0, length - suffix.length - 1).replace(/[^a-z0-9]+$/, '');
  return `${head}-${suffix}`;
}
