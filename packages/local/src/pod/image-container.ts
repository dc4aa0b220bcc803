import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvVar } from '@agentteam/argo';
import {
  call,
  containerName,
  type ImageEngine,
  privateVariables,
  removeCommand,
} from '../images/image-engine.ts';
import { OWN_FILE } from '../run-directory.ts';
import { recordSupervisor, rootOf } from './container.ts';
import { identify } from './processes.ts';
import { RunningContainer } from './running-container.ts';
import { exitFileOf, removeExitCode, supervised } from './supervisor.ts';

/** Waits until the engine has ended, and then runs its arguments. */
const AFTER_ENGINE = 'cat > /dev/null; exec "$@"';

export interface ImageContainerOptions {
  readonly podDirectory: string;
  readonly name: string;
  readonly engine: ImageEngine;
  /** The command line that runs the container under this name. */
  readonly command: (containerName: string) => readonly string[];
  /** The variables of the container. */
  readonly variables: readonly EnvVar[];
  /** Whether its files outlast it, so that it may take its time to end. */
  readonly hasVolumes: boolean;
}

/**
 * Starts a container from its image. Its processes are no descendants of the engine, so it is ended by its
 * name: by the engine, by a watchdog if the engine is killed, and by the engine that resumes the run.
 */
export function startImageContainer(options: ImageContainerOptions): RunningContainer {
  const { podDirectory, name, engine, command, variables, hasVolumes } = options;
  const id = containerName(rootOf(podDirectory, name));
  const env = { ...engine.env };
  const exitFile = exitFileOf(podDirectory, name);
  removeExitCode(exitFile);
  const watchdog = spawn('/bin/sh', ['-c', AFTER_ENGINE, 'sh', ...removeCommand(engine, id)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env,
  });
  watchdog.stdin.on('error', () => {});
  const log = openSync(join(podDirectory, `${name}.log`), 'a', OWN_FILE);
  const child = spawn('/bin/sh', supervised(exitFile, command(id)), {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: { ...env, ...privateVariables(variables) },
  });
  closeSync(log);
  const { pid } = child;
  const supervisor = pid === undefined ? undefined : identify(pid);
  if (supervisor !== undefined) recordSupervisor(podDirectory, name, supervisor);
  const remove = async (): Promise<void> => {
    await call(engine, removeCommand(engine, id));
    watchdog.kill();
  };
  const image = { remove, hasVolumes };
  return new RunningContainer({ name, child, exitFile, supervisor, image });
}
