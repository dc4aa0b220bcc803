import type {
  Container,
  EnvVar,
  PodSecurityContext,
  SecurityContext,
  VolumeMount,
} from '@agentteam/argo';
import { ENV, PATHS, RUNNER, type RunnerCommand } from '@agentteam/contract';
import type { ResolvedOptions } from '../resolve/options.ts';
import { outsideOf } from './outside.ts';
import { specJson } from './spec-json.ts';

/** Kubernetes' `restricted` Pod Security Standard, and a root file system that cannot be written. */
export const RESTRICTED: SecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
};

/** User and group of every container; the image has them. */
const UID = 1000;

/** The same standard for a whole pod, and so for the containers that Argo adds to it. */
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
  /** What `AGENTTEAM_SPEC` says; a text is taken as it is. */
  readonly spec: object | string;
  readonly env?: readonly EnvVar[];
  readonly mounts: readonly VolumeMount[];
  readonly logLevel: string;
}

/** A container that runs one command of the runner. */
export function runnerContainer(
  { command, args = [], spec, env = [], mounts, logLevel }: RunnerContainer,
  options: ResolvedOptions,
): Container {
  const outside = outsideOf(command, options);
  return {
    image: options.image,
    imagePullPolicy: options.imagePullPolicy,
    command: [RUNNER],
    args: [command, ...args],
    env: [
      { name: ENV.spec, value: typeof spec === 'string' ? spec : specJson(spec) },
      { name: 'HOME', value: PATHS.home },
      { name: ENV.logLevel, value: logLevel },
      ...outside.env,
      ...env,
    ],
    volumeMounts: [...mounts, ...outside.mounts],
    ...(options.stepResources && { resources: options.stepResources as object }),
    securityContext: RESTRICTED,
  };
}
