export { MovableMountError } from './check/require-fixed-mounts.ts';
export { type RunCommand, stop, suspend } from './commands.ts';
export { imageContainers } from './containers.ts';
export { type ExecuteOptions, execute } from './engine/engine.ts';
export type { RunEvent } from './events.ts';
export { answerTo, decide } from './gate-answers.ts';
export { IMAGE_ENGINES, type ImageEngine } from './images/image-engine.ts';
export { checkPrograms, forAgents, ImageError, prepareImages } from './images/prepare.ts';
export type { Programs } from './pod/container.ts';
export { endProcesses } from './pod/leftovers.ts';
export { type ConfigMapSource, MissingSourceError } from './pod/mounts.ts';
export { entryOf } from './pod/proc.ts';
export type { SecretSource, SecretValues } from './pod/secret-volume.ts';
export { createRun, retry, UnsupportedError } from './run.ts';
export {
  loadWorkflow,
  MOST_RUN_FILE_BYTES,
  type RunDirectory,
  runDirectory,
} from './run-directory.ts';
export { detectSandbox, type SandboxDetection } from './sandbox/detect.ts';
export type { SandboxNetwork } from './sandbox/network.ts';
