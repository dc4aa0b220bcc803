export type { Context } from './context.ts';
export type { HostedTeam, LogLine, LogOptions, Place, TeamHost } from './teams/team-host.ts';
export type { Message } from './teams/mail/message.ts';
export { COMMAND_NAMES, makeProgram } from './program.ts';
