import type { SecurityContext, Template, UserContainer } from '@agentteam/argo';
import type { ResolvedAgent } from '../resolve/agents.ts';
import type { Sidecar } from '../resolve/environment.ts';
import { ARGO_FILES } from './volumes/argo-files.ts';
import { emptyDir, join } from './volumes/mounted.ts';

/**
 * The sidecars of an agent's environment, as native sidecars: they run beside the agent and end after it. They
 * follow the gateway, so that none of them can take its port. They mount nothing of the team. An agent can
 * make a database run programs, so a sidecar must not have anything that its agent lacks.
 */
export function sidecarContainers({ environment }: ResolvedAgent): {
  readonly containers: readonly UserContainer[];
  readonly volumes: Template['volumes'] & object;
} {
  const { sidecars = [], imagePullPolicy } = environment;
  const made = sidecars.map((sidecar, index) => {
    const directories = (sidecar.writable ?? []).map((path, number) =>
      emptyDir(`sidecar-${index}-${number}`, path),
    );
    const { volumes, mounts } = join(...directories, ARGO_FILES);
    const { name, image, command, args, env, ports = [], resources } = sidecar;
    const container: UserContainer = {
      name,
      image,
      ...(imagePullPolicy !== undefined && { imagePullPolicy }),
      ...(command !== undefined && { command: [...command] }),
      ...(args !== undefined && { args: [...args] }),
      ...(env !== undefined && { env: [...env] }),
      ...(ports.length > 0 && { ports: ports.map((containerPort) => ({ containerPort })) }),
      ...(resources !== undefined && { resources }),
      volumeMounts: [...mounts],
      securityContext: security(sidecar),
      restartPolicy: 'Always',
    };
    return { container, volumes };
  });
  return {
    containers: made.map(({ container }) => container),
    volumes: made.flatMap(({ volumes }) => volumes),
  };
}

/**
 * Kubernetes' Pod Security Standard `restricted`. Servers write to many places of their image, so the root
 * file system is writable; it is lost with the container.
 */
function security({ runAsUser }: Sidecar): SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: false,
    runAsNonRoot: true,
    runAsUser,
    runAsGroup: runAsUser,
  };
}
