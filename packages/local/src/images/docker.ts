import type { Container, UserContainer } from '@agentteam/argo';
import { PATHS, RUNTIME } from '@agentteam/contract';
import {
  type AgentContainer,
  bind,
  type ContainerPlace,
  emptyDirs,
  restrictions,
  runLabel,
  type SidecarContainer,
  type Trial,
  userOption,
  variable,
  variablesOf,
} from './image-engine.ts';
import { ownFiles } from './own-files.ts';

/** Docker sets these in each container if its configuration has proxies, which may have passwords. */
const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy'].flatMap(
  (name) => [name, name.toUpperCase()],
);

/** The same rules as those of podman's containers. */
export function restrictedDockerRun(place: ContainerPlace): readonly string[] {
  const { name, pods, network } = place;
  return [
    // A variable that is named without a value, and has none here, does not exist in the container.
    ...['env', ...PROXIES.flatMap((proxy) => ['-u', proxy]), 'docker', 'run', '--rm'],
    ...PROXIES.flatMap((proxy) => ['--env', proxy]),
    ...['--name', name, '--label', runLabel(pods), '--pull', 'never', '--network', network],
    ...restrictions(place),
  ];
}

/** The command line that runs a sidecar. */
export function dockerSidecar(sidecar: SidecarContainer): readonly string[] {
  const { container } = sidecar;
  const { env = [], securityContext = {} } = container;
  const { runAsUser = 0, runAsGroup = runAsUser } = securityContext;
  return [
    ...restrictedDockerRun(sidecar),
    ...(securityContext.readOnlyRootFilesystem === true ? ['--read-only'] : []),
    ...env.flatMap(variable),
    // The owner is the container's user, because runc 1.1 ignores the mode.
    ...emptyDirs(sidecar).flatMap((path) => [
      '--tmpfs',
      `${path}:exec,mode=0777,uid=${runAsUser},gid=${runAsGroup}`,
    ]),
    ...userOption(container),
    ...program(container),
  ];
}

/**
 * The command line that runs an agent in its image, as in a pod. Docker maps no user ids, so the container's user has
 * the id of the user who runs the engine, to whom the files in its mounts belong. That user is not root.
 */
export function dockerAgent(agent: AgentContainer): readonly string[] {
  const { container, mounts, root } = agent;
  const others = mounts.filter(({ path }) => !Object.hasOwn(RUNTIME.replaced, path));
  return [
    ...restrictedDockerRun(agent),
    '--read-only',
    ...engineUser(),
    ...variablesOf(agent).flatMap(variable),
    ...[...others, ...ownFiles(root, accountFiles())].flatMap(bind),
    ...program(container),
  ];
}

/** The option that makes a container's user the one who runs the engine. */
export function engineUser(): readonly string[] {
  const { user, group } = engineIds();
  return ['--user', `${user}:${group}`];
}

function engineIds() {
  return { user: process.getuid?.() ?? 0, group: process.getgid?.() ?? 0 };
}

/** They have an entry for the user of the agent, as those of the runtime have in a pod. */
function accountFiles(): Readonly<Record<keyof typeof RUNTIME.replaced, string>> {
  const { user, group } = engineIds();
  return {
    '/etc/passwd': `root:x:0:0:root:/root:/bin/sh\nagent:x:${user}:${group}:agent:${PATHS.home}:/bin/sh\n`,
    '/etc/group': `root:x:0:\nagent:x:${group}:\n`,
  };
}

/** Command lines that create a container with the same program, and start it without any mount or network. */
export function dockerTrial(container: Container | UserContainer): Trial {
  const end = [...userOption(container), ...program(container)];
  return {
    create: ['docker', 'create', '--network', 'none', '--cap-drop', 'ALL', ...end],
    setUp: ['docker', 'start'],
  };
}

/** The end of a command line: the image and its command. Docker's entrypoint is a program without arguments. */
function program({ image = '', command, args = [] }: Container | UserContainer): readonly string[] {
  if (command === undefined) return [image, ...args];
  const [entrypoint = '', ...others] = command;
  return ['--entrypoint', entrypoint, image, ...others, ...args];
}
