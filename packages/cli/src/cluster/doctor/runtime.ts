import { RUNTIME } from '@agentteam/contract';
import { CoreV1Api } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { httpStatus, reasonOf } from '../connection/errors.ts';
import { type Finding, failed, lookUp, ok, unknown } from './finding.ts';

const CHECK = 'images of agents';

/** The oldest runtimes that mount a directory of an image. Containerd 2.1 ignores `subPath` (measured with 2.1.5). */
const OLDEST: Readonly<Record<string, readonly [number, number]>> = {
  containerd: [2, 2],
  'cri-o': [1, 33],
};

/**
 * Checks how the runtime gets into images that teams name in `environment.image`.
 * @param setting of the controller; undefined for the default, `copy`.
 */
export async function examineRuntime(
  connection: Connection,
  image: string,
  setting: string | undefined,
): Promise<Finding> {
  const missing = await missingForVolumes(connection, image);
  if (setting !== 'image-volume') {
    const also =
      missing === undefined
        ? '; the cluster also has volumes of the type image: with teams.runtimeInjection=image-volume, agents start without the copy'
        : `; volumes of the type image cannot be used: ${missing.reason}`;
    return ok(CHECK, `an init container copies the runtime into them${also}`);
  }
  if (missing === undefined) return ok(CHECK, 'the runtime is mounted as a volume of our image');
  if (missing.isKnown) {
    return failed(
      CHECK,
      `teams.runtimeInjection is image-volume, but ${missing.reason}`,
      'Set teams.runtimeInjection=copy in the values of the chart.',
    );
  }
  return unknown(CHECK, missing.reason);
}

interface Missing {
  readonly reason: string;
  /** Whether it is certain, and not only invisible to the caller. */
  readonly isKnown: boolean;
}

async function missingForVolumes(
  connection: Connection,
  image: string,
): Promise<Missing | undefined> {
  const core = connection.config.makeApiClient(CoreV1Api);
  try {
    await core.createNamespacedPod({
      namespace: connection.namespace,
      body: podWithImageVolume(image),
      dryRun: 'All',
    });
  } catch (error) {
    const reason = reasonOf(error);
    // Without the feature, the API server drops the field, and a volume without a type is invalid.
    return httpStatus(error) === 422
      ? { reason: `the API server does not have them (${reason})`, isKnown: true }
      : { reason: `whether the API server has them is unknown (${reason})`, isKnown: false };
  }
  const nodes = await lookUp(core.listNode());
  const old = (nodes.state === 'found' ? nodes.value.items : []).find(({ status }) =>
    isOld(status?.nodeInfo?.containerRuntimeVersion ?? ''),
  );
  if (old === undefined) return undefined;
  const { nodeInfo } = old.status ?? {};
  const reason = `the node ${old.metadata?.name} has ${nodeInfo?.containerRuntimeVersion}, and they need containerd 2.2 or CRI-O 1.33`;
  return { reason, isKnown: true };
}

/** @param version for example `containerd://1.6.20`. */
export function isOld(version: string): boolean {
  const [, program = '', major = '0', minor = '0'] =
    /^([a-z-]+):\/\/v?(\d+)\.(\d+)/.exec(version) ?? [];
  const oldest = OLDEST[program];
  if (oldest === undefined) return false;
  return Number(major) < oldest[0] || (Number(major) === oldest[0] && Number(minor) < oldest[1]);
}

/** A pod that complies with the Pod Security Standard `restricted`. It is only tried in a dry run. */
function podWithImageVolume(image: string) {
  return {
    metadata: { generateName: 'doctor-' },
    spec: {
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      volumes: [{ name: 'runtime', image: { reference: image } }],
      containers: [
        {
          name: 'main',
          image,
          volumeMounts: [{ name: 'runtime', mountPath: RUNTIME.directory, readOnly: true }],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}
