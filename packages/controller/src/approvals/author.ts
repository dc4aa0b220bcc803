import { UNKNOWN_AUTHOR } from './votes.ts';

/**
 * Who counts as the author of what a user makes. A service account is a program, and nobody can tell
 * from its requests which person it works for: whoever may use it may be behind it. Labels that say
 * so, as `workflows.argoproj.io/creator` on the Workflow that made a run, prove nothing either:
 * everybody who may write Workflows can write them.
 */
export function authorOf(username: string): string {
  return username.startsWith('system:serviceaccount:') ? UNKNOWN_AUTHOR : username;
}
