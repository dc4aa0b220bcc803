export type { Session } from './server/caller.ts';
export type {
  Access,
  Authentication,
  ConsoleOptions,
  Person,
  ProxyTrust,
  Review,
} from './server/console/options.ts';
export { personOf } from './server/console/person-of.ts';
export { type ConsoleServer, serveConsole } from './server/console/serve-console.ts';
export { serveUi, type UiServer, type UiServerOptions } from './server/serve-ui.ts';
export type { TeamRow, TeamRows, TeamSource } from './server/team-source.ts';
