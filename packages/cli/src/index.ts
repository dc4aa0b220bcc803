export type { Context } from './context.ts';
export { COMMAND_NAMES, makeProgram } from './program.ts';
export type { Message } from './teams/mail/message.ts';
export type { HostedTeam, Location, LogLine, LogOptions, TeamHost } from './teams/team-host.ts';
