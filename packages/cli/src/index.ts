export type { Context } from './context.ts';
export type { HostedTeam, LogLine, LogOptions, Place, TeamHost } from './host/team-host.ts';
export type { Message } from './mail/message.ts';
export { COMMAND_NAMES, makeProgram } from './program.ts';
