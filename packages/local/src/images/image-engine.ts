import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Container, EnvVar, UserContainer, Volume } from '@agentteam/argo';
import { ARGO_DIRECTORY } from '@agentteam/contract';
import type { HostMount } from '../sandbox/bubblewrap.ts';

/** Programs that run images. */
export const IMAGE_ENGINES = ['podman', 'docker'] as const;

/** The program that runs images on this machine. */
export interface ImageEngine {
  readonly name: (typeof IMAGE_ENGINES)[number];
  /** The user's environment: the program reads its settings, its images and its logins from there. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Variables of the images whose files agents use in place, by image; absent if they run from the images. */
  readonly inPlace?: Readonly<Record<string, readonly EnvVar[]>>;
}

/** Label of all containers of a run. Its value is a digest of the directory of the run's pods. */
const RUN_LABEL = 'io.agentteam.run';

/** @param path a directory: of a container in a pod for its name, or of all pods for {@link runLabel}. */
function digestOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}

export function containerName(containerDirectory: string): string {
  return `agentteam-${digestOf(containerDirectory)}`;
}

/** @param pods the directory of all pods of the run. */
export function runLabel(pods: string): string {
  return `${RUN_LABEL}=${digestOf(pods)}`;
}

/** What identifies a container, and its place. */
export interface ContainerPlace {
  readonly name: string;
  /** The directory of all pods of the run. */
  readonly pods: string;
  /** Value of the option `--network`: the network of its pod. */
  readonly network: string;
  /** File with its system call filter. */
  readonly seccomp: string;
}

export interface SidecarContainer extends ContainerPlace {
  readonly container: Container | UserContainer;
  readonly volumes: readonly Volume[];
}

export interface AgentContainer extends ContainerPlace {
  readonly container: Container | UserContainer;
  readonly mounts: readonly HostMount[];
  /** The directory on this machine with the files that the engine gives the container. */
  readonly root: string;
  /** Variables besides those of the Workflow. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the image, if its files are used in place. */
  readonly imageVariables?: readonly EnvVar[] | undefined;
}

/** Command lines that find out whether a container's program can start. */
export interface Trial {
  /** Creates the container and prints its id. */
  readonly create: readonly string[];
  /** With the id after it, fails if the program cannot start. */
  readonly setUp: readonly string[];
}

/** Options by which a container runs as in a restricted pod: no capabilities and no new privileges. */
export function restrictions({ seccomp }: Pick<ContainerPlace, 'seccomp'>): readonly string[] {
  return [
    ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
    ...['--security-opt', `seccomp=${seccomp}`],
    // The output goes to the step's log. As in a pod, no other program of the image runs.
    ...['--log-driver', 'none', '--no-healthcheck'],
  ];
}

/** The variables of an agent's container; later ones win. */
export function variablesOf({
  imageVariables = [],
  container,
  env,
}: Pick<AgentContainer, 'imageVariables' | 'container' | 'env'>): readonly EnvVar[] {
  return [
    ...imageVariables,
    ...(container.env ?? []),
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ];
}

/**
 * Variables that the engine's program gets in its own environment. They have prompts, and every user of the machine
 * can read a command line. No such program reads a variable of this name itself.
 */
const PRIVATE = /^AGENTTEAM_[A-Z0-9_]+$/;

/** The option that sets a variable of a container. */
export function variable({ name, value = '' }: EnvVar): readonly string[] {
  return ['--env', PRIVATE.test(name) ? name : `${name}=${value}`];
}

/** The variables of the engine's program to which {@link variable} refers. */
export function privateVariables(variables: readonly EnvVar[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variables.flatMap(({ name, value = '' }) => (PRIVATE.test(name) ? [[name, value]] : [])),
  );
}

/** The value is read as a line of a CSV file, so a path may contain commas. */
export function bind({ host, path, readOnly }: HostMount): readonly string[] {
  const fields = [
    'type=bind',
    `source=${host}`,
    `destination=${path}`,
    ...(readOnly ? ['ro'] : []),
  ];
  return ['--mount', fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')];
}

/** Mount paths of a container's emptyDirs. */
export function emptyDirs({ container, volumes }: SidecarContainer): readonly string[] {
  const names = volumes.filter(({ emptyDir }) => emptyDir !== undefined).map(({ name }) => name);
  return (container.volumeMounts ?? [])
    .filter(({ name }) => name !== ARGO_DIRECTORY.volume && names.includes(name))
    .map(({ mountPath }) => mountPath);
}

/** The option for the user and group of a sidecar's processes. */
export function userOption({ securityContext = {} }: Container | UserContainer): readonly string[] {
  const { runAsUser, runAsGroup } = securityContext;
  return runAsUser === undefined ? [] : ['--user', `${runAsUser}:${runAsGroup ?? runAsUser}`];
}

/** The command line that kills and removes containers with the volumes that their images declare. */
export function removeCommand(
  { name }: ImageEngine,
  ...containers: readonly string[]
): readonly string[] {
  const atOnce = name === 'podman' ? ['--ignore', '--time', '0'] : [];
  return [name, 'rm', '--force', '--volumes', ...atOnce, ...containers];
}

/** Kills and removes all containers of a run, which a killed engine may have left behind. */
export async function removeLeftovers(engine: ImageEngine, pods: string): Promise<void> {
  const filter = `label=${runLabel(pods)}`;
  const list = [engine.name, 'ps', '--all', '--quiet', '--filter', filter];
  const ids = (await call(engine, list)).output.split('\n').filter((id) => id !== '');
  if (ids.length > 0) await call(engine, removeCommand(engine, ...ids));
}

/**
 * Runs podman or docker and waits for its end.
 * @returns its exit code, its output, and the reason among its errors.
 */
export async function call(
  { env }: ImageEngine,
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
  const ended = once(child, 'close') as Promise<[number | null]>;
  const [code] = await ended.catch((error: Error) => {
    parts.error += error.message;
    return [null];
  });
  return { ...parts, code: code ?? 1, error: reasonIn(parts.error) };
}

/** Podman ends with the reason. Docker may add a line about its help. */
function reasonIn(errors: string): string {
  const lines = errors.trim().split('\n');
  const line = lines.find((one) => DAEMON.test(one)) ?? lines.at(-1) ?? '';
  return line.replace(DAEMON, '').replace(/^Error: /, '');
}

const DAEMON = /^.*Error response from daemon: /;
