import type {
  Container,
  EnvVar,
  PodSecurityContext,
  SecurityContext,
  VolumeMount,
} from '@agentteam/argo';
import { ENV, PATHS, RUNNER, type RunnerCommand } from '@agentteam/contract';
import { outsideOf } from './outside.ts';
import { specJson } from './spec-json.ts';
import type { EmitContext } from './template.ts';

/** Kubernetes' Pod Security Standard `restricted`, with a read-only root file system. */
export const RESTRICTED: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};

/** User and group of every container. The image contains them. */
const UID = 1000;

/** The same standard for the whole pod, which includes the containers that Argo adds. */
export const POD_SECURITY: PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: UID,
  runAsGroup: UID,
  fsGroup: UID,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};

export interface RunnerContainer {
  readonly command: RunnerCommand;
  readonly args?: readonly string[];
  /** Value of `AGENTTEAM_SPEC`: an object is written as JSON, a text is used as it is. */
  readonly spec: object | string;
  readonly env?: readonly EnvVar[];
  readonly mounts: readonly VolumeMount[];
}

/** A container that runs one command of the runner. */
export function runnerContainer(
  { command, args = [], spec, env = [], mounts }: RunnerContainer,
  { team, options }: EmitContext,
): Container {
  const { image, imagePullPolicy, stepResources } = options.containers;
  const outside = outsideOf(command, options);
  return {
    image,
    imagePullPolicy,
    command: [RUNNER],
    args: [command, ...args],
    env: [
      { name: ENV.spec, value: typeof spec === 'string' ? spec : specJson(spec) },
      { name: 'HOME', value: PATHS.home },
      { name: ENV.logLevel, value: team.logLevel },
      ...outside.env,
      ...env,
    ],
    volumeMounts: [...mounts, ...outside.mounts],
    ...(stepResources && { resources: stepResources }),
    securityContext: RESTRICTED,
  };
}
