// Written by `npm run manifests` from charts/agentteam. Do not edit.
import type { RenderedObject } from './rendered-object.ts';

export const RENDERED: readonly RenderedObject[] = [
  {
    when: 'always',
    object: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'agentteam-controller',
        namespace: 'agentteam-system',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
    },
  },
  {
    when: 'no-argo-server',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {
        name: 'agentteam-controller',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      rules: [
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams'],
          verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteamruns'],
          verbs: ['get', 'list', 'watch', 'create'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteamtemplates'],
          verbs: ['get', 'list', 'watch'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams/status', 'agentteamtemplates/status', 'agentteamruns/status'],
          verbs: ['patch'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: [
            'agentteams/finalizers',
            'agentteamtemplates/finalizers',
            'agentteamruns/finalizers',
          ],
          verbs: ['update'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflows'],
          verbs: ['get', 'list', 'watch', 'create', 'patch'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtemplates'],
          verbs: ['get', 'create', 'patch'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtaskresults'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['persistentvolumeclaims'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['serviceaccounts'],
          resourceNames: ['agentteam-executor', 'agentteam-submitter'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['roles', 'rolebindings'],
          resourceNames: ['agentteam-executor', 'agentteam-submitter'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: ['agentteam-executor.service-account-token'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: ['agentteam-figures'],
          verbs: ['get', 'create', 'patch', 'update'],
        },
        {
          apiGroups: [''],
          resources: ['events'],
          verbs: ['list', 'create'],
        },
        {
          apiGroups: [''],
          resources: ['pods/proxy'],
          verbs: ['get'],
        },
        {
          apiGroups: [''],
          resources: ['pods'],
          verbs: ['list'],
        },
      ],
    },
  },
  {
    when: 'always',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {
        name: 'agentteam-edit',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
          'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
          'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
        },
      },
      rules: [
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams', 'agentteamtemplates', 'agentteamruns'],
          verbs: [
            'get',
            'list',
            'watch',
            'create',
            'update',
            'patch',
            'delete',
            'deletecollection',
          ],
        },
      ],
    },
  },
  {
    when: 'always',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {
        name: 'agentteam-view',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
          'rbac.authorization.k8s.io/aggregate-to-view': 'true',
        },
      },
      rules: [
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams', 'agentteamtemplates', 'agentteamruns'],
          verbs: ['get', 'list', 'watch'],
        },
      ],
    },
  },
  {
    when: 'all-namespaces',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: {
        name: 'agentteam-controller',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'agentteam-controller',
      },
      subjects: [
        {
          kind: 'ServiceAccount',
          name: 'agentteam-controller',
          namespace: 'agentteam-system',
        },
      ],
    },
  },
  {
    when: 'always',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: {
        name: 'agentteam-controller',
        namespace: 'agentteam-system',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      rules: [
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          verbs: ['create'],
        },
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: ['agentteam-controller'],
          verbs: ['get', 'update'],
        },
        {
          apiGroups: [''],
          resources: ['secrets'],
          verbs: ['create'],
        },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: ['agentteam-gate-key'],
          verbs: ['get'],
        },
      ],
    },
  },
  {
    when: 'always',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: {
        name: 'agentteam-controller',
        namespace: 'agentteam-system',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: 'agentteam-controller',
      },
      subjects: [
        {
          kind: 'ServiceAccount',
          name: 'agentteam-controller',
          namespace: 'agentteam-system',
        },
      ],
    },
  },
  {
    when: 'always',
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'agentteam-controller',
        namespace: 'agentteam-system',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      spec: {
        replicas: 2,
        selector: {
          matchLabels: {
            'app.kubernetes.io/name': 'agentteam',
            'app.kubernetes.io/component': 'controller',
          },
        },
        template: {
          metadata: {
            labels: {
              'app.kubernetes.io/name': 'agentteam',
              'app.kubernetes.io/component': 'controller',
              'app.kubernetes.io/managed-by': 'agentteam',
            },
          },
          spec: {
            serviceAccountName: 'agentteam-controller',
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 1000,
              runAsGroup: 1000,
              fsGroup: 1000,
              seccompProfile: {
                type: 'RuntimeDefault',
              },
            },
            containers: [
              {
                name: 'controller',
                image: 'IMAGE:TAG',
                imagePullPolicy: 'IfNotPresent',
                command: ['agentteam-controller'],
                env: [
                  {
                    name: 'NODE_OPTIONS',
                    value: '--max-semi-space-size=4',
                  },
                  {
                    name: 'AGENTTEAM_IMAGE',
                    value: 'IMAGE:TAG',
                  },
                  {
                    name: 'AGENTTEAM_LEASE_NAME',
                    value: 'agentteam-controller',
                  },
                  {
                    name: 'AGENTTEAM_METRICS_PORT',
                    value: '8080',
                  },
                  {
                    name: 'AGENTTEAM_IMAGE_PULL_POLICY',
                    value: 'IfNotPresent',
                  },
                  {
                    name: 'AGENTTEAM_RUNTIME_INJECTION',
                    value: 'copy',
                  },
                  {
                    name: 'AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT',
                    value: 'agentteam-executor',
                  },
                  {
                    name: 'AGENTTEAM_CONCURRENCY',
                    value: '16',
                  },
                  {
                    name: 'AGENTTEAM_LIVE_POLL_SECONDS',
                    value: '5',
                  },
                  {
                    name: 'AGENTTEAM_METRICS_TEAMS',
                    value: '500',
                  },
                  {
                    name: 'AGENTTEAM_LOG_LEVEL',
                    value: 'info',
                  },
                  {
                    name: 'AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS',
                    value: 'false',
                  },
                  {
                    name: 'AGENTTEAM_WEBHOOK',
                    value: 'false',
                  },
                  {
                    name: 'POD_NAME',
                    valueFrom: {
                      fieldRef: {
                        fieldPath: 'metadata.name',
                      },
                    },
                  },
                  {
                    name: 'POD_NAMESPACE',
                    valueFrom: {
                      fieldRef: {
                        fieldPath: 'metadata.namespace',
                      },
                    },
                  },
                ],
                ports: [
                  {
                    name: 'metrics',
                    containerPort: 8080,
                  },
                ],
                livenessProbe: {
                  httpGet: {
                    path: '/healthz',
                    port: 'metrics',
                  },
                  periodSeconds: 15,
                  failureThreshold: 4,
                },
                readinessProbe: {
                  httpGet: {
                    path: '/readyz',
                    port: 'metrics',
                  },
                  periodSeconds: 5,
                },
                resources: {
                  limits: {
                    memory: '512Mi',
                  },
                  requests: {
                    cpu: '50m',
                    memory: '128Mi',
                  },
                },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: {
                    drop: ['ALL'],
                  },
                },
              },
            ],
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: {
                  matchLabels: {
                    'app.kubernetes.io/name': 'agentteam',
                    'app.kubernetes.io/component': 'controller',
                  },
                },
              },
            ],
          },
        },
      },
    },
  },
  {
    when: 'listed-namespaces',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: {
        name: 'agentteam-controller-teams',
        namespace: 'watched-namespace',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'agentteam-controller',
      },
      subjects: [
        {
          kind: 'ServiceAccount',
          name: 'agentteam-controller',
          namespace: 'agentteam-system',
        },
      ],
    },
  },
  {
    when: 'argo-server',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: {
        name: 'agentteam-controller',
        labels: {
          'app.kubernetes.io/name': 'agentteam',
          'app.kubernetes.io/component': 'controller',
          'app.kubernetes.io/managed-by': 'agentteam',
        },
      },
      rules: [
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams'],
          verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteamruns'],
          verbs: ['get', 'list', 'watch', 'create'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteamtemplates'],
          verbs: ['get', 'list', 'watch'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: ['agentteams/status', 'agentteamtemplates/status', 'agentteamruns/status'],
          verbs: ['patch'],
        },
        {
          apiGroups: ['claude.amcheste.io'],
          resources: [
            'agentteams/finalizers',
            'agentteamtemplates/finalizers',
            'agentteamruns/finalizers',
          ],
          verbs: ['update'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflows'],
          verbs: ['get', 'list', 'watch', 'create', 'patch', 'update'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtemplates'],
          verbs: ['get', 'create', 'patch'],
        },
        {
          apiGroups: ['argoproj.io'],
          resources: ['workflowtaskresults'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['persistentvolumeclaims'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['serviceaccounts'],
          resourceNames: ['agentteam-executor', 'agentteam-submitter'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: ['rbac.authorization.k8s.io'],
          resources: ['roles', 'rolebindings'],
          resourceNames: ['agentteam-executor', 'agentteam-submitter'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: ['agentteam-executor.service-account-token'],
          verbs: ['create', 'patch'],
        },
        {
          apiGroups: [''],
          resources: ['secrets'],
          resourceNames: ['agentteam-figures'],
          verbs: ['get', 'create', 'patch', 'update'],
        },
        {
          apiGroups: [''],
          resources: ['events'],
          verbs: ['list', 'create'],
        },
        {
          apiGroups: [''],
          resources: ['pods/proxy'],
          verbs: ['get'],
        },
        {
          apiGroups: [''],
          resources: ['pods'],
          verbs: ['list'],
        },
      ],
    },
  },
];
