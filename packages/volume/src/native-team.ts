import { join } from 'node:path';
import { safeName } from './file/name.ts';

/**
 * Where Claude Code keeps one team: formats, file names and locks are its own, to the byte, so that
 * its processes and ours work on the same files.
 */
export interface NativeTeam {
  /** As the Workflow is called; {@link nativeName} makes Claude Code's name of it. */
  readonly team: string;
  /** `~/.claude/teams` */
  readonly teams: string;
  /** `~/.claude/tasks` */
  readonly tasks: string;
}

/** What Claude Code calls a team: a Workflow's name may have dots, Claude Code's directories have none. */
export function nativeName(team: string): string {
  return safeName(team.replaceAll('.', '-'));
}

/** `teams/<team>/config.json` */
export function rosterFile(at: NativeTeam): string {
  return join(at.teams, nativeName(at.team), 'config.json');
}

/** `teams/<team>/inboxes` */
export function inboxDirectory(at: NativeTeam): string {
  return join(at.teams, nativeName(at.team), 'inboxes');
}

/** `teams/<team>/inboxes/<agent>.json` */
export function inboxFile(at: NativeTeam, agent: string): string {
  return join(inboxDirectory(at), `${safeName(agent)}.json`);
}

/** `tasks/<team>` */
export function taskDirectory(at: NativeTeam): string {
  return join(at.tasks, nativeName(at.team));
}
