export { decide, type RunCommand, stop } from './commands.ts';
export { type ExecuteOptions, execute } from './engine/engine.ts';
export type { RunEvent } from './events.ts';
export { MESSAGES } from './messages.ts';
export type { Programs } from './pod/container.ts';
export { type ConfigMapSource, MissingSourceError } from './pod/mounts.ts';
export { createRun, retry, UnsupportedError } from './run.ts';
export { loadWorkflow, type RunDirectory, runDirectory } from './run-directory.ts';
export { bubblewrap, detectSandbox } from './sandbox/bubblewrap.ts';
