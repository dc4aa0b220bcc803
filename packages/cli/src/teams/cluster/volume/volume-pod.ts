import { AGENT_TEAM, GROUP, VERSION } from '@agentteam/api';
import type { Affinity, Workflow } from '@agentteam/argo';
import { POD_SECURITY, RESTRICTED } from '@agentteam/compiler';
import { DEFAULT_IMAGE, PATHS, RUNNER, TEMPLATES } from '@agentteam/contract';
import type { V1Pod } from '@kubernetes/client-node';

/** Name of the pod's only container. */
export const CONTAINER = 'results';
/** The pod ends by itself if the program that created it cannot delete it. */
const LIFETIME_SECONDS = 3_600;

export interface VolumePodParts {
  readonly name: string;
  /** The team, which owns the pod: it is deleted with the team at the latest. */
  readonly owner: { readonly name: string; readonly uid: string };
  readonly workflow: Workflow;
  /** Absent for the image of the team's last step. */
  readonly image?: string;
  readonly claims: VolumeClaims;
}

/** Names of the claims that the pod mounts. */
export interface VolumeClaims {
  /** The claim that the team's pods share. */
  readonly team?: string;
  /** The claim with a Cowork team's results. */
  readonly output?: string;
}

/**
 * A pod that mounts claims of a team read-only and waits for commands. It complies with the Pod Security
 * Standard `restricted`, has no token of the API server, and runs where the team's pods run: with their user,
 * node selector, tolerations and pull secrets.
 */
export function volumePod({ name, owner, workflow, image, claims }: VolumePodParts): V1Pod {
  const { spec } = workflow;
  const step = spec.templates?.find((template) => template.name === TEMPLATES.finish)?.container;
  const volumes = [
    { name: 'team', claim: claims.team, mountPath: PATHS.volume },
    { name: 'output', claim: claims.output, mountPath: PATHS.results },
  ].flatMap(({ claim, ...mount }) => (claim === undefined ? [] : [{ claim, ...mount }]));
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      labels: {
        'app.kubernetes.io/managed-by': 'agentteam',
        'app.kubernetes.io/component': CONTAINER,
      },
      ownerReferences: [{ apiVersion: `${GROUP}/${VERSION}`, kind: AGENT_TEAM.kind, ...owner }],
    },
    spec: {
      restartPolicy: 'Never',
      activeDeadlineSeconds: LIFETIME_SECONDS,
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: POD_SECURITY,
      ...(spec.imagePullSecrets && { imagePullSecrets: spec.imagePullSecrets }),
      ...(spec.nodeSelector && { nodeSelector: spec.nodeSelector }),
      ...(spec.tolerations && { tolerations: spec.tolerations }),
      affinity: besideTheTeam(spec.affinity, workflow.metadata.name ?? ''),
      volumes: [
        ...volumes.map((one) => ({
          name: one.name,
          persistentVolumeClaim: { claimName: one.claim },
        })),
        { name: 'tmp', emptyDir: {} },
      ],
      containers: [
        {
          name: CONTAINER,
          image: image ?? step?.image ?? DEFAULT_IMAGE,
          imagePullPolicy: step?.imagePullPolicy ?? 'IfNotPresent',
          command: [RUNNER, 'results', 'hold'],
          env: [{ name: 'HOME', value: '/tmp' }],
          resources: step?.resources ?? RESOURCES,
          // The mounts are read-only, not the volumes: some drivers refuse to attach a volume read-only while
          // another pod of the node may write to it.
          volumeMounts: [
            ...volumes.map((one) => ({
              name: one.name,
              mountPath: one.mountPath,
              readOnly: true,
            })),
            { name: 'tmp', mountPath: '/tmp' },
          ],
          securityContext: RESTRICTED,
        },
      ],
    },
  };
  // The types of Argo and of the client differ in how they mark what is read-only.
  return pod as unknown as V1Pod;
}

const RESOURCES = {
  requests: { cpu: '50m', memory: '128Mi' },
  limits: { memory: '1Gi' },
};

/** A volume that only one node can mount is usable on the node of the team's running pods. */
function besideTheTeam(affinity: Affinity | undefined, workflow: string): Affinity {
  const { podAffinity } = affinity ?? {};
  return {
    ...affinity,
    podAffinity: {
      ...podAffinity,
      preferredDuringSchedulingIgnoredDuringExecution: [
        ...(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: { 'workflows.argoproj.io/workflow': workflow } },
          },
        },
      ],
    },
  };
}
