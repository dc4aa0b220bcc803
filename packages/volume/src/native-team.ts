import { join } from 'node:path';
import { safeName } from './file/name.ts';

/**
 * Where Claude Code keeps the files of one team. Formats, file names and locks are Claude Code's own,
 * to the byte, because its processes and ours work on the same files.
 */
export interface NativeTeam {
  /** The name of the Workflow; {@link nativeName} turns it into Claude Code's name of the team. */
  readonly team: string;
  /** `~/.claude/teams` */
  readonly teams: string;
  /** `~/.claude/tasks` */
  readonly tasks: string;
}

/** Claude Code's name of a team. A Workflow's name may contain dots; Claude Code's directories do not. */
export function nativeName(team: string): string {
  return safeName(team.replaceAll('.', '-'));
}

/** `teams/<team>/config.json` */
export function rosterFile(at: NativeTeam): string {
  return join(at.teams, nativeName(at.team), 'config.json');
}

/** The directory with the inboxes of a team. */
export const INBOXES = 'inboxes';

/** `teams/<team>/inboxes` */
export function inboxDirectory(at: NativeTeam): string {
  return join(at.teams, nativeName(at.team), INBOXES);
}

/** `teams/<team>/inboxes/<agent>.json` */
export function inboxFile(at: NativeTeam, agent: string): string {
  return join(inboxDirectory(at), `${safeName(agent)}.json`);
}

/** `tasks/<team>` */
export function taskDirectory(at: NativeTeam): string {
  return join(at.tasks, nativeName(at.team));
}
