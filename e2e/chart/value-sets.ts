import type { Values } from './helm.ts';

const certificate = Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64');

/** Typical installations. Each must render, and the API server must accept every object. */
export const VALUE_SETS: Readonly<Record<string, Values>> = {
  'the defaults': {},
  'one namespace, one replica, no webhook': {
    watch: { namespaces: ['team-a'] },
    controller: { replicas: 1 },
    webhook: { enabled: false },
  },
  'every value': {
    image: { digest: `sha256:${'0'.repeat(64)}`, pullSecrets: ['registry'] },
    controller: {
      image: { repository: 'registry.acme.example/agentteam-controller', tag: '1.2.3' },
      replicas: 3,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'system', operator: 'Exists', effect: 'NoSchedule' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'system-cluster-critical',
      podAnnotations: { 'example.com/owner': 'platform' },
    },
    watch: { namespaces: ['team-a', 'team-b'] },
    teams: {
      storageClass: 'efs',
      volumeSize: '20Gi',
      nodeSelector: { pool: 'agents' },
      tolerations: [{ key: 'agents', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'agents',
      runtimeClassName: 'gvisor',
      podLabels: { 'cost-center': '42' },
      podAnnotations: { 'sidecar.istio.io/inject': 'false' },
      agentResources: { requests: { memory: '1Gi' } },
      stepResources: { limits: { memory: '512Mi' } },
      pricesConfigMap: 'prices',
      apiFeatures: ['web_fetch_20250910', 'mcp_servers'],
      apiUrl: 'http://llm-gateway.internal:8080/{agent}',
      hostingUrl: 'https://git.example.com/api/v3',
    },
    proxy: {
      https: 'http://proxy.acme.example:3128',
      exceptions: ['.svc', '10.0.0.0/8'],
    },
    trust: { configMap: 'company-ca' },
    argo: { serverUrl: 'https://argo-server.argo:2746', serverCaConfigMap: 'argo-server-ca' },
    notifications: {
      secretName: 'webhook-signature',
      mail: { secretName: 'smtp', from: 'agents@acme.example' },
      allowPrivate: 'proxied',
    },
    webhook: {
      failurePolicy: 'Ignore',
      certificate: { source: 'cert-manager', issuer: { kind: 'ClusterIssuer', name: 'internal' } },
    },
    serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' } },
    podDisruptionBudget: { minAvailable: 2 },
    networkPolicy: {
      enabled: true,
      kubernetesApi: { cidrs: ['10.96.0.1/32', '192.168.0.10/32'] },
      api: { cidrs: ['160.79.104.0/23', '2607:6bc0::/48'] },
      git: { cidrs: ['0.0.0.0/0', '::/0'] },
      mcp: { cidrs: ['10.20.0.0/16'], ports: [443, 8443] },
      gatewayFrom: [
        { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
        { ipBlock: { cidr: '192.168.0.10/32' } },
      ],
      extra: [{ cidrs: ['10.30.0.5/32'], ports: [4873] }],
    },
    metrics: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      podMonitor: { enabled: true, interval: '15s' },
      dashboard: { enabled: true },
    },
  },
  'the page with logins': {
    ui: { enabled: true },
  },
  'the page with everything': {
    image: { pullSecrets: ['registry'] },
    networkPolicy: { kubernetesApi: { cidrs: ['10.96.0.1/32'] } },
    ui: {
      enabled: true,
      actions: true,
      allowedHosts: ['agents.acme.example'],
      ingressAddresses: ['10.42.0.0/16', 'fd00::/64'],
      namespaces: ['team-a'],
      auth: {
        mode: 'proxy',
        proxy: {
          secretName: 'agentteam-proxy',
          clientCaSecretName: 'proxy-ca',
          clientNames: ['oauth2-proxy'],
          users: ['oidc:ada@acme.example'],
          groups: ['oidc:writers'],
          userPrefix: 'oidc:',
          groupPrefix: 'oidc:',
        },
      },
      replicas: 2,
      tls: { secretName: 'page-tls' },
      service: { port: 443, annotations: { 'example.com/owner': 'platform' } },
      ingress: {
        enabled: true,
        className: 'nginx',
        annotations: { 'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS' },
        host: 'agents.acme.example',
        tlsSecretName: 'agents-tls',
      },
      httpRoute: {
        enabled: true,
        hostname: 'agents.internal.acme.example',
        parentRefs: [{ name: 'internal', namespace: 'gateways' }],
      },
      networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'proxy' } } }] },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'system', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      podAnnotations: { 'example.com/owner': 'platform' },
    },
  },
  'Cilium with host names': {
    networkPolicy: {
      enabled: true,
      kind: 'CiliumNetworkPolicy',
      namespaces: ['team-a'],
      git: { hosts: ['git.acme.example'] },
      mcp: { hosts: ['*.mcp.acme.example'] },
      gatewayFrom: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'monitoring' } }],
      extra: [{ hosts: ['packages.example.com'], ports: [443] }],
    },
    metrics: { podMonitor: { enabled: true } },
  },
  'an existing certificate and service account': {
    webhook: {
      certificate: { source: 'secret', secretName: 'webhook-tls', caBundle: certificate },
    },
    serviceAccount: { create: false, name: 'platform-agentteam' },
    crds: { keep: false },
    podDisruptionBudget: { enabled: false },
  },
  'neither RBAC nor CRDs': {
    rbac: { create: false },
    crds: { install: false },
  },
};
