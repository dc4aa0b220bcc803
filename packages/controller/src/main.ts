import { KubeConfig } from '@kubernetes/client-node';
import { readConfig, readScope } from './config.ts';
import { ConfigError } from './config-error.ts';
import { runController } from './controller.ts';
import { KubeApi } from './kube/api.ts';
import { Connection } from './kube/connection.ts';
import { makeLog } from './log.ts';
import { releaseTeams } from './release.ts';

const HELP = `Usage: agentteam-controller [release-teams]

Compiles each AgentTeam of a cluster to an Argo Workflow, reports how it goes, and answers its
approval gates. It finds the cluster as kubectl does: in-cluster, or by KUBECONFIG.

With release-teams it takes its finalizer off every team instead, and leaves: for an installation
that is being removed. That reads AGENTTEAM_NAMESPACES and AGENTTEAM_LOG_LEVEL alone.

Environment:
  AGENTTEAM_IMAGE                      image of team pods (required)
  AGENTTEAM_IMAGE_PULL_POLICY          default IfNotPresent
  AGENTTEAM_IMAGE_PULL_SECRETS         Secrets in the namespaces of teams, with commas
  AGENTTEAM_NODE_SELECTOR              of team pods, as JSON; so are the next six
  AGENTTEAM_TOLERATIONS
  AGENTTEAM_AFFINITY
  AGENTTEAM_POD_LABELS                 besides our own
  AGENTTEAM_POD_ANNOTATIONS
  AGENTTEAM_AGENT_RESOURCES            for agents whose team says nothing about resources
  AGENTTEAM_STEP_RESOURCES             for every other container
  AGENTTEAM_PRIORITY_CLASS             PriorityClass of team pods
  AGENTTEAM_RUNTIME_CLASS              RuntimeClass of team pods: a sandbox of the cluster's
  AGENTTEAM_NAMESPACES                 namespaces to watch, with commas; default: all
  AGENTTEAM_EXECUTOR_SERVICE_ACCOUNT   default agentteam-executor
  AGENTTEAM_STORAGE_CLASS              ReadWriteMany class of team volumes; default: the cluster's
  AGENTTEAM_VOLUME_SIZE                default 10Gi
  AGENTTEAM_PRICES_CONFIGMAP           ConfigMap with prices.yaml, in each team's namespace
  AGENTTEAM_API_FEATURES               betas, server tools and fields of the API to allow, with commas
  AGENTTEAM_TRUST_CONFIGMAP            ConfigMap with ca.crt, there too: authorities besides the public ones
  AGENTTEAM_API_URL                    base URL of the Messages API
  AGENTTEAM_HOSTING_URL                base URL of the hosting service's API, where its address does not tell
  AGENTTEAM_ARGO_SERVER_URL            of Argo's server, for steps in Argo's database; default: not shown
  AGENTTEAM_ARGO_SERVER_CA_FILE        authority of its certificate, PEM; default: those of the system
  AGENTTEAM_CONCURRENCY                teams worked on at a time; default 16
  AGENTTEAM_RELIST_SECONDS             default 600
  AGENTTEAM_LIVE_POLL_SECONDS          default 5
  AGENTTEAM_WEBHOOK_SECRET_FILE        key that signs what gates' webhooks are told; default: unsigned
  AGENTTEAM_ALLOW_PRIVATE_WEBHOOKS     whether these may be inside the cluster; default false; proxied:
                                       what the proxy lets through
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY    for webhooks, and for what team pods call that is not an agent
  AGENTTEAM_SMTP_URL_FILE              file with smtp[s]://[user:password@]host[:port]; default: no mail
  AGENTTEAM_SMTP_FROM                  sender of mail
  AGENTTEAM_LEADER_ELECTION            default true
  AGENTTEAM_LEASE_NAME                 of which one replica at a time works; default agentteam-controller
  AGENTTEAM_METRICS_PORT               /metrics, /healthz, /readyz; default 8080
  AGENTTEAM_METRICS_TEAMS              teams with series of their own; default 500
  AGENTTEAM_WEBHOOK                    serve /validate and /mutate for the API server; default false
  AGENTTEAM_WEBHOOK_PORT               default 9443
  AGENTTEAM_WEBHOOK_CERTIFICATES       directory of tls.crt, tls.key; default /etc/agentteam/webhook
  AGENTTEAM_LOG_LEVEL                  debug, info, warn or error; default info
  POD_NAMESPACE, POD_NAME              where the lease is, and who this replica is
  NODE_EXTRA_CA_CERTS                  file of authorities that the controller itself believes, PEM
  NODE_OPTIONS                         --max-semi-space-size=4 saves a third of the memory

Exit codes:
  0 told to stop, or teams released   1 lost the lease, or a fault   2 wrong configuration
`;

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(HELP);
    return 0;
  }
  const kubeConfig = new KubeConfig();
  if (argv[0] === 'release-teams') {
    const { namespaces, logLevel } = readScope(env);
    loadCluster(kubeConfig);
    const teams = await releaseTeams(new KubeApi(new Connection(kubeConfig)), namespaces);
    makeLog(logLevel, 'release-teams').info({ teams }, 'teams released');
    return 0;
  }
  const config = readConfig(env);
  const log = makeLog(config.logLevel, config.identity);
  loadCluster(kubeConfig);
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  try {
    await runController(config, kubeConfig, log, stop.signal);
    log.info('stopped');
    return 0;
  } catch (error) {
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'leaving');
    // At once, whatever is under way: the lease may be another's by now.
    process.exit(1);
  }
}

function loadCluster(config: KubeConfig): void {
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new ConfigError(`no cluster: ${error instanceof Error ? error.message : error}`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2), process.env);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
