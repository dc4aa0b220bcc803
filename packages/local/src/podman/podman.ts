import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Container, EnvVar, UserContainer, Volume } from '@agentteam/argo';
import { ARGO_DIRECTORY } from '@agentteam/contract';
import { HOST_NAME } from '../sandbox/isolation.ts';

/** The program that runs images on this machine. */
export interface Podman {
  /** The user's environment: podman reads its settings, its images and its logins from there. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables of the images whose files agents use in place, by image; absent if they run from the images. */
  readonly inPlace?: Readonly<Record<string, readonly EnvVar[]>>;
}

/** Label of all containers of a run. Its value is a digest of the directory of the run's pods. */
const RUN_LABEL = 'io.agentteam.run';

/** @param path a directory: of a container in a pod for its name, or of all pods for {@link RUN_LABEL}. */
function digestOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}

export function containerName(containerDirectory: string): string {
  return `agentteam-${digestOf(containerDirectory)}`;
}

/** What identifies a container, and its place. */
export interface ContainerPlace {
  readonly name: string;
  /** The directory of all pods of the run. */
  readonly pods: string;
  /** A file of /proc that stands for the network namespace that the container joins. */
  readonly network: string;
  /** File with its system call filter. */
  readonly seccomp: string;
}

export interface ImageContainer extends ContainerPlace {
  readonly container: Container | UserContainer;
  readonly volumes: readonly Volume[];
}

/**
 * The beginning of a command line that runs a container as in a restricted pod: no capabilities, no new
 * privileges, and a network that has only a loopback.
 */
export function restrictedRun({ name, pods, network, seccomp }: ContainerPlace): readonly string[] {
  return [
    ...['podman', 'run', '--rm', '--replace', '--name', name],
    ...['--label', `${RUN_LABEL}=${digestOf(pods)}`],
    ...['--network', `ns:${network}`, '--hostname', HOST_NAME],
    // Podman would pass on the proxies of this machine, which may have passwords.
    '--http-proxy=false',
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['--security-opt', `seccomp=${seccomp}`],
    // The output goes to the step's log; podman would keep it a second time.
    ...['--log-driver', 'none'],
  ];
}

/** The command line that runs a sidecar. */
export function sidecarCommand({
  container,
  volumes,
  ...place
}: ImageContainer): readonly string[] {
  const { env = [], securityContext = {} } = container;
  return [
    ...restrictedRun(place),
    ...(securityContext.readOnlyRootFilesystem === true ? ['--read-only'] : []),
    ...env.flatMap(variable),
    // Nothing of the image shows through. The owner is the container's user, because runc 1.1 ignores the mode.
    ...emptyDirs(container, volumes).flatMap((path) => [
      '--mount',
      `type=tmpfs,destination=${path},tmpfs-mode=0777,notmpcopyup,U=true`,
    ]),
    ...program(container),
  ];
}

/** A command line that creates a container with the same program and prints its id. It never runs. */
export function trialCommand(container: Container | UserContainer): readonly string[] {
  return ['podman', 'create', '--network', 'none', '--cap-drop', 'ALL', ...program(container)];
}

/** The end of a command line: the user, the image, and its command. */
function program(container: Container | UserContainer): readonly string[] {
  const { image = '', command, args = [], securityContext = {} } = container;
  const { runAsUser, runAsGroup } = securityContext;
  return [
    ...(runAsUser === undefined ? [] : ['--user', `${runAsUser}:${runAsGroup ?? runAsUser}`]),
    ...(command === undefined ? [] : ['--entrypoint', JSON.stringify(command)]),
    image,
    ...args,
  ];
}

/** Podman's option that sets a variable of a container. */
export function variable({ name, value = '' }: EnvVar): readonly string[] {
  return ['--env', `${name}=${value}`];
}

/** Mount paths of a container's emptyDirs. */
function emptyDirs(
  { volumeMounts = [] }: Container | UserContainer,
  volumes: readonly Volume[],
): readonly string[] {
  const names = volumes.filter(({ emptyDir }) => emptyDir !== undefined).map(({ name }) => name);
  return volumeMounts
    .filter(({ name }) => name !== ARGO_DIRECTORY.volume && names.includes(name))
    .map(({ mountPath }) => mountPath);
}

/** The command line that kills and removes a container; it succeeds if there is none. */
export function removeCommand(...names: readonly string[]): readonly string[] {
  return ['podman', 'rm', '--force', '--ignore', '--time', '0', ...names];
}

/** Kills and removes all containers of a run, which a killed engine may have left behind. */
export async function removeLeftovers(podman: Podman, pods: string): Promise<void> {
  const filter = `label=${RUN_LABEL}=${digestOf(pods)}`;
  const { output } = await call(podman, ['podman', 'ps', '--all', '--quiet', '--filter', filter]);
  const ids = output.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await call(podman, removeCommand(...ids));
}

/**
 * Runs podman and waits for its end.
 * @returns its exit code, its output, and the last line of its errors.
 */
export async function call(
  { env }: Podman,
  [program = '', ...args]: readonly string[],
): Promise<{ readonly code: number; readonly output: string; readonly error: string }> {
  const child = spawn(program, args, { env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const parts = { output: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    parts.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    parts.error += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { ...parts, code: code ?? 1, error: parts.error.trim().split('\n').at(-1) ?? '' };
}
