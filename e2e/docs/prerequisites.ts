import type { Stored } from '../controller/cluster.ts';

type Prerequisite = Stored & Readonly<Record<string, unknown>>;

/**
 * What an administrator prepares before agentteam is installed: the parts of Argo that are visible on
 * an API server (the Deployment of its controller, and the resource type that e2e/argo has no file
 * for), a default storage class that offers ReadWriteMany, and namespaces for teams.
 */
export const PREREQUISITES: readonly Prerequisite[] = [
  ...['argo', 'reports', 'agents'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  })),
  // The cluster has no controller manager, which creates this account in each namespace.
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'reports' } },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'workflowtaskresults.argoproj.io' },
    spec: {
      group: 'argoproj.io',
      scope: 'Namespaced',
      names: { kind: 'WorkflowTaskResult', plural: 'workflowtaskresults' },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'workflow-controller', namespace: 'argo' },
    spec: {
      selector: { matchLabels: { app: 'workflow-controller' } },
      template: {
        metadata: { labels: { app: 'workflow-controller' } },
        spec: {
          serviceAccountName: 'argo',
          containers: [
            {
              name: 'workflow-controller',
              image: 'quay.io/argoproj/workflow-controller:v4.1.2',
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name: 'shared',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'nfs.csi.k8s.io',
  },
];
