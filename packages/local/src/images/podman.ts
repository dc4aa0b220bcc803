import type { Container, UserContainer } from '@agentteam/argo';
import { HOST_NAME } from '../sandbox/isolation.ts';
import {
  type ContainerPlace,
  emptyDirs,
  restrictions,
  runLabel,
  type SidecarContainer,
  type Trial,
  userOption,
  variable,
} from './image-engine.ts';

/**
 * The beginning of a command line that runs a container as in a restricted pod: no capabilities, no new
 * privileges, and a network that has only a loopback.
 */
export function restrictedRun(place: ContainerPlace): readonly string[] {
  const { name, pods, network } = place;
  return [
    ...['podman', 'run', '--rm', '--replace', '--name', name],
    ...['--label', runLabel(pods)],
    ...['--network', network, '--hostname', HOST_NAME],
    // Podman would pass on the proxies of this machine, which may have passwords.
    '--http-proxy=false',
    ...restrictions(place),
  ];
}

/** The command line that runs a sidecar. */
export function podmanSidecar(sidecar: SidecarContainer): readonly string[] {
  const { container } = sidecar;
  const { env = [], securityContext = {} } = container;
  return [
    ...restrictedRun(sidecar),
    ...(securityContext.readOnlyRootFilesystem === true ? ['--read-only'] : []),
    ...env.flatMap(variable),
    // Nothing of the image shows through. The owner is the container's user, because runc 1.1 ignores the mode.
    ...emptyDirs(sidecar).flatMap((path) => [
      '--mount',
      `type=tmpfs,destination=${path},tmpfs-mode=0777,notmpcopyup,U=true`,
    ]),
    ...program(container),
  ];
}

/** Command lines that create a container with the same program, and set it up. It never runs. */
export function podmanTrial(container: Container | UserContainer): Trial {
  return {
    create: ['podman', 'create', '--network', 'none', '--cap-drop', 'ALL', ...program(container)],
    setUp: ['podman', 'init'],
  };
}

/** The end of a command line: the user, the image, and its command. */
function program(container: Container | UserContainer): readonly string[] {
  const { image = '', command, args = [] } = container;
  return [
    ...userOption(container),
    ...(command === undefined ? [] : ['--entrypoint', JSON.stringify(command)]),
    image,
    ...args,
  ];
}
