import { UNKNOWN_AUTHOR } from './votes.ts';

/**
 * The author of an object that a user creates. A service account is a program that may act for anybody
 * who can use it, so its author is unknown. Labels such as `workflows.argoproj.io/creator` on the
 * Workflow that created a run prove nothing: everyone who can write Workflows can set them.
 */
export function authorOf(username: string): string {
  return username.startsWith('system:serviceaccount:') ? UNKNOWN_AUTHOR : username;
}
