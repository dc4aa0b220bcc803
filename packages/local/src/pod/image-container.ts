import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  call,
  containerName,
  type ImageContainer,
  type Podman,
  removeCommand,
  runCommand,
} from '../podman/podman.ts';
import { OWN_FILE } from '../run-directory.ts';
import { recordSupervisor, rootOf } from './container.ts';
import { identify } from './processes.ts';
import { RunningContainer } from './running-container.ts';
import { exitFileOf, removeExitCode, supervised } from './supervisor.ts';

/** Waits until the engine has ended, and then runs its arguments. */
const AFTER_ENGINE = 'cat > /dev/null; exec "$@"';

export interface ImageContainerOptions extends Omit<ImageContainer, 'name'> {
  readonly podDirectory: string;
  readonly name: string;
  readonly podman: Podman;
}

/**
 * Starts a container from its image. Its processes are no descendants of the engine, so it is ended by its
 * name: by the engine, by a watchdog if the engine is killed, and by the engine that resumes the run.
 */
export function startImageContainer(options: ImageContainerOptions): RunningContainer {
  const { podDirectory, name, podman, ...rest } = options;
  const id = containerName(rootOf(podDirectory, name));
  const env = { ...podman.env };
  const exitFile = exitFileOf(podDirectory, name);
  removeExitCode(exitFile);
  const watchdog = spawn('/bin/sh', ['-c', AFTER_ENGINE, 'sh', ...removeCommand(id)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env,
  });
  watchdog.stdin.on('error', () => {});
  const log = openSync(join(podDirectory, `${name}.log`), 'a', OWN_FILE);
  const child = spawn('/bin/sh', supervised(exitFile, runCommand({ ...rest, name: id })), {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env,
  });
  closeSync(log);
  const { pid } = child;
  const supervisor = pid === undefined ? undefined : identify(pid);
  if (supervisor !== undefined) recordSupervisor(podDirectory, name, supervisor);
  const remove = async (): Promise<void> => {
    await call(podman, removeCommand(id));
    watchdog.kill();
  };
  return new RunningContainer(name, child, exitFile, supervisor, remove);
}
