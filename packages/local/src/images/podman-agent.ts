import { hiddenInProc } from '../sandbox/proc.ts';
import { type AgentContainer, bind, variable, variablesOf } from './image-engine.ts';
import { ROOTFS, withFilesOf } from './in-place.ts';
import { ownFiles } from './own-files.ts';
import { restrictedRun } from './podman.ts';

/** The user and group of an agent in its container, as in a pod. */
const AGENT_ID = 1000;

/** Ids of this machine that take the place of the container's other ids if root runs the engine. */
const UNUSED_IDS = '0:100000:1000';

/**
 * The command line that runs an agent in its image, as in a pod: its mounts are all that it can write to and all
 * that it sees of this machine. It is not root inside. Outside it is the user who runs the engine, because the
 * files in its mounts belong to that user.
 */
export function podmanAgent(agent: AgentContainer): readonly string[] {
  const { container, mounts, root, imageVariables } = agent;
  const { image = '', command, args = [] } = container;
  const run = [
    ...restrictedRun(agent),
    // An image's own VOLUME directories would be writable.
    ...['--pull', 'never', '--image-volume', 'ignore'],
    ...['--read-only', '--read-only-tmpfs=false'],
    ...['--user', `${AGENT_ID}:${AGENT_ID}`, ...userNamespace()],
    // If root runs the engine, the container has root's user id outside, which may read and write here.
    ...['--security-opt', `mask=${[...hiddenInProc(), '/sys/fs/cgroup'].join(':')}`],
    // Sysfs cannot be mounted for a network of another user namespace, and the sandbox shows none either.
    ...['--mount', 'type=tmpfs,destination=/sys,tmpfs-mode=0555'],
    ...variablesOf(agent).flatMap(variable),
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
