export { serveUi, type UiServer, type UiServerOptions } from './server/serve-ui.ts';
export type { TeamRow, TeamRows, TeamSource } from './server/team-source.ts';
