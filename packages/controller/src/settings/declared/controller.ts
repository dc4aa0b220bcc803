import type { SettingsTable } from '../setting.ts';
import { choice, count, FLAG, NAME, NAMESPACES, TEXT, URL_TEXT } from '../types.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The controller itself, and the server of Argo that it asks. */
export interface ControllerSettings {
  readonly namespaces: readonly string[];
  readonly concurrency: number;
  readonly relistSeconds: number;
  readonly livePollSeconds: number;
  readonly metricsPort: number;
  readonly metricsTeams: number;
  readonly logLevel: LogLevel;
  readonly leaderElection: boolean;
  readonly leaseName: string;
  readonly argoServerUrl?: string;
  readonly argoServerCaFile?: string;
}

export const CONTROLLER_SETTINGS: SettingsTable<ControllerSettings> = {
  namespaces: {
    variable: 'AGENTTEAM_NAMESPACES',
    type: NAMESPACES,
    default: [],
    summary: 'namespaces to watch',
    whenUnset: 'all namespaces',
    chart: {
      path: 'watch.namespaces',
      details:
        'A list needs a RoleBinding in each of them; all namespaces need a ClusterRoleBinding.',
    },
  },
  concurrency: {
    variable: 'AGENTTEAM_CONCURRENCY',
    type: count(1),
    default: 16,
    summary: 'number of teams that are reconciled at the same time',
    chart: { path: 'controller.concurrency' },
  },
  relistSeconds: {
    variable: 'AGENTTEAM_RELIST_SECONDS',
    type: count(1),
    default: 600,
    summary: 'seconds between two full lists of every watched resource',
  },
  livePollSeconds: {
    variable: 'AGENTTEAM_LIVE_POLL_SECONDS',
    type: count(1),
    default: 5,
    summary: "shortest time in seconds between two requests for a running team's figures",
    chart: { path: 'controller.livePollSeconds' },
  },
  metricsPort: {
    variable: 'AGENTTEAM_METRICS_PORT',
    type: count(1),
    default: 8080,
    summary: 'port of /metrics, /healthz and /readyz',
  },
  metricsTeams: {
    variable: 'AGENTTEAM_METRICS_TEAMS',
    type: count(0),
    default: 500,
    summary: 'number of teams that have metric series of their own',
    details:
      'Teams that wait for a person come first, then running teams, then those that ended most recently.',
    chart: { path: 'controller.metricsTeams' },
  },
  logLevel: {
    variable: 'AGENTTEAM_LOG_LEVEL',
    type: choice<LogLevel>(['debug', 'info', 'warn', 'error']),
    default: 'info',
    summary: 'log level: debug, info, warn or error',
    details: 'The log is one JSON object per line.',
    chart: { path: 'controller.logLevel' },
  },
  leaderElection: {
    variable: 'AGENTTEAM_LEADER_ELECTION',
    type: FLAG,
    default: true,
    summary: 'whether replicas elect a leader',
  },
  leaseName: {
    variable: 'AGENTTEAM_LEASE_NAME',
    type: NAME,
    default: 'agentteam-controller',
    summary: 'Lease for leader election, in the namespace of the controller',
  },
  argoServerUrl: {
    variable: 'AGENTTEAM_ARGO_SERVER_URL',
    type: URL_TEXT,
    summary: "URL of Argo's server, such as https://argo-server.argo:2746",
    details:
      "Argo can keep the nodes of large Workflows in a database (nodeStatusOffLoad). The controller reads them from Argo's server, and answers gates there, with its own token.",
    whenUnset: "nodes in Argo's database are not shown",
    chart: { path: 'argo.serverUrl' },
  },
  argoServerCaFile: {
    variable: 'AGENTTEAM_ARGO_SERVER_CA_FILE',
    type: TEXT,
    summary: "file with the certificate authority of Argo's server (PEM)",
    whenUnset: 'the public authorities',
    chart: {
      path: 'argo.serverCaConfigMap',
      summary:
        "ConfigMap in the controller's namespace with the key `ca.crt`: the certificate authority of Argo's server",
      schema: NAME.schema,
      constant: '/etc/agentteam/argo/ca.crt',
    },
  },
};
