import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Container, EnvVar, UserContainer } from '@agentteam/argo';
import { PATHS } from '@agentteam/contract';
import { removeTreesNow } from '@agentteam/volume';
import type { HostMount } from '../sandbox/bubblewrap.ts';
import { HOST_NAME } from '../sandbox/isolation.ts';
import { hiddenInProc } from '../sandbox/proc.ts';
import { ROOTFS, withFilesOf } from './in-place.ts';
import { type ContainerPlace, restrictedRun, variable } from './podman.ts';

/** The user and group of an agent in its container, as in a pod. */
const AGENT_ID = 1000;

/** Ids of this machine that take the place of the container's other ids if root runs the engine. */
const UNUSED_IDS = '0:100000:1000';

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

/**
 * The command line that runs an agent in its image, as in a pod: its mounts are all that it can write to and all
 * that it sees of this machine. It is not root inside. Outside it is the user who runs the engine, because the
 * files in its mounts belong to that user.
 */
export function agentCommand({
  container,
  mounts,
  root,
  env,
  imageVariables,
  ...place
}: AgentContainer): readonly string[] {
  const { image = '', command, args = [] } = container;
  const variables = [
    ...(imageVariables ?? []),
    ...(container.env ?? []),
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ];
  const run = [
    ...restrictedRun(place),
    // An image's own VOLUME directories would be writable.
    ...['--pull', 'never', '--image-volume', 'ignore'],
    ...['--read-only', '--read-only-tmpfs=false'],
    ...['--user', `${AGENT_ID}:${AGENT_ID}`, ...userNamespace()],
    // If root runs the engine, the container has root's user id outside, which may read and write here.
    ...['--security-opt', `mask=${[...hiddenInProc(), '/sys/fs/cgroup'].join(':')}`],
    // Sysfs cannot be mounted for a network of another user namespace, and the sandbox shows none either.
    ...['--mount', 'type=tmpfs,destination=/sys,tmpfs-mode=0555'],
    ...variables.flatMap(variable),
    ...[...mounts, ...ownFiles(root)].flatMap(bind),
    ...(command === undefined ? [] : ['--entrypoint', JSON.stringify(command)]),
    ...(imageVariables === undefined ? [image] : ROOTFS),
    ...args,
  ];
  return imageVariables === undefined ? run : withFilesOf(image, run);
}

/** Options by which the container's user is the engine's user outside. */
function userNamespace(): readonly string[] {
  if (process.getuid?.() !== 0) return ['--userns', `keep-id:uid=${AGENT_ID},gid=${AGENT_ID}`];
  const group = process.getgid?.() ?? 0;
  return [
    ...['--uidmap', `${AGENT_ID}:0:1`, '--uidmap', UNUSED_IDS],
    ...['--gidmap', `${AGENT_ID}:${group}:1`, '--gidmap', UNUSED_IDS],
  ];
}

/** Podman reads the value as a line of a CSV file, so a path may contain commas. */
function bind({ host, path, readOnly }: HostMount): readonly string[] {
  const fields = [
    'type=bind',
    `source=${host}`,
    `destination=${path}`,
    ...(readOnly ? ['ro'] : []),
  ];
  return ['--mount', fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')];
}

/**
 * Creates the files that the engine gives a container: an empty termination log, and an address book without
 * anything of this machine.
 */
function ownFiles(root: string): readonly HostMount[] {
  removeTreesNow([root]);
  const files = [
    { path: PATHS.terminationLog, text: '', readOnly: false },
    {
      path: '/etc/hosts',
      text: `127.0.0.1 localhost ${HOST_NAME}\n::1 localhost\n`,
      readOnly: true,
    },
    {
      path: '/etc/resolv.conf',
      text: '# There is no DNS here. The gateway in HTTPS_PROXY resolves names.\n',
      readOnly: true,
    },
  ];
  return files.map(({ path, text, readOnly }) => {
    const host = join(root, path);
    mkdirSync(dirname(host), { recursive: true });
    writeFileSync(host, text);
    return { host, path, readOnly };
  });
}
